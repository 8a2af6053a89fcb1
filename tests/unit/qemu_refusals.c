/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the QEMU driver does not do is refused at define: with the element, why, and the way out. */
#include "qemu_cases.h"

static struct caps *caps;

/* Prints what is wrong and returns false, so that one run shows every row. */
static bool wrong(const char *xml, const char *what, const char *text)
{
    print_error("%s: %s%s\n", xml, what, text);
    return false;
}

static bool check(const char *type, const char *domain, const char *devices, const char *words)
{
    struct hvk_error err;
    hvk_error_init(&err);
    auto_free char *xml = string_format(
        "<domain type='%s'><name>r</name><memory>65536</memory>%s<devices>%s</devices></domain>",
        type, domain, devices);
    auto_model_domain parsed =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, &err);
    if (!parsed)
        return wrong(xml, "it could not be read: ", err.text);
    bool ok = command_check(parsed, caps, &err);
    if (!words)
        return ok || wrong(xml, "it was refused: ", err.text);
    if (ok)
        return wrong(xml, "it was accepted, expected was: ", words);
    bool right = err.code == HVK_ERR_CONFIG_UNSUPPORTED && err.source == HVK_FROM_QEMU &&
                 strstr(err.text, words);
    return right || wrong(xml, "refused otherwise: ", err.text);
}

#define OS "<os><type machine='q35'>hvm</type></os>"
#define OS_PC "<os><type machine='pc'>hvm</type></os>"
#define DISK(more) "<disk type='file' device='disk'>" more "<target dev='vda'/></disk>"
#define NIC(more) "<interface type='user'>" more "<model type='virtio'/></interface>"

static const struct {
    const char *domain; /* NULL: OS */
    const char *devices;
    const char *words; /* NULL: it is accepted */
} refusals[] = {
    /* nothing is dropped silently */
    {OS "<cputune><shares>512</shares></cputune>", "",
     "cputune/shares (line 1): it is not supported by the QEMU driver"},
    {OS "<memtune><hard_limit>1024</hard_limit></memtune>", "", "memtune/hard_limit"},
    {OS "<seclabel type='dynamic' model='apparmor'/>", "", "seclabel/@type"},
    {OS "<seclabel type='none'/>", "", NULL},
    {OS "<features><privnet/></features>", "", "features/privnet"},
    {OS "<on_lockfailure>pause</on_lockfailure>", "", "on_lockfailure"},
    {OS "<launchSecurity type='sev'><policy>1</policy></launchSecurity>", "", "launchSecurity"},
    {NULL, NIC("<vlan><tag id='5'/></vlan>"), "devices/interface/vlan/tag/@id"},
    {NULL, NIC("<bandwidth><inbound average='1000'/></bandwidth>"), "devices/interface/bandwidth"},
    {NULL, NIC("<filterref filter='clean-traffic'/>"), "devices/interface/filterref/@filter"},
    {NULL,
     "<disk type='file' device='disk' rawio='yes'><source file='/a'/><target dev='vda'/></disk>",
     "devices/disk/@rawio"},
    {NULL, "<lease><lockspace>a</lockspace><key>b</key><target path='/c'/></lease>",
     "devices/lease"},
    /* the machine */
    {"<os><type machine='microvm'>hvm</type></os>", "",
     "machines of type 'microvm' are not supported"},
    {"<os><type machine='pc-q35-99.0'>hvm</type></os>", "", "has no machine type 'pc-q35-99.0'"},
    {"<os><type arch='aarch64' machine='virt'>hvm</type></os>", "", "machine type 'virt'"},
    {"<os><type arch='aarch64' machine='q35'>hvm</type></os>", "", "not 'aarch64'"},
    {"<os firmware='efi'><type machine='q35'>hvm</type></os>", "", "UEFI needs <acpi/>"},
    {"<os><type machine='pc'>hvm</type><loader readonly='yes' secure='yes' "
     "type='pflash'>/a</loader></os>",
     "", "needs a q35 machine with <smm"},
    {"<os><type machine='q35'>hvm</type><initrd>/a</initrd></os>", "", "go with a <kernel>"},
    {"<os><type machine='q35'>hvm</type><bios useserial='yes'/></os>", "",
     "it needs a serial port"},
    {"<os><type machine='q35'>hvm</type><smbios mode='host'/></os>", "",
     "mode host is not supported"},
    /* processors and memory */
    {OS "<cpu mode='host-passthrough'/>", "", "host-passthrough needs KVM: use mode 'maximum'"},
    {OS "<cpu><model>Pentium9</model></cpu>", "", "has no CPU model 'Pentium9'"},
    {OS "<features><hyperv><vapic state='on'/></hyperv></features>", "",
     "features/hyperv/vapic (line 1): it needs type='kvm'"},
    {OS "<maxMemory slots='2'>131072</maxMemory>", "", "define cpu/numa"},
    {OS "<vcpu placement='auto'>1</vcpu>", "", "automatic placement"},
    {OS "<vcpu>1000</vcpu>", "", "vCPUs, not 1000"},
    {OS "<memoryBacking><source type='memfd'/><discard/></memoryBacking>", "",
     "only memory of source type 'file' can be discarded"},
    {OS "<clock offset='utc'><timer name='pit' tickpolicy='merge'/></clock>", "",
     "no tick policy 'merge' for timer 'pit'"},
    {OS "<clock offset='utc'><timer name='armvtimer'/></clock>", "", "no timer 'armvtimer'"},
    {OS "<clock offset='timezone' timezone='Europe/Berlin'/>", "", "clock"},
    /* devices */
    {NULL, DISK("<driver type='vvfat2'/><source file='/a'/>"),
     "image format 'vvfat2' is not supported"},
    {NULL, DISK("<source file='/a'/><transient/>"), "start from an overlay"},
    {NULL, DISK("<source file='/a'/><wwn>5000c50015ea71ad</wwn>"),
     "wwn is not possible with this kind of device"},
    {NULL,
     "<disk type='file' device='disk'><driver queues='4'/><source file='/a'/><target dev='sda' "
     "bus='sata'/></disk>",
     "driver/@queues is not possible"},
    {NULL,
     "<disk type='network' device='disk'><source protocol='gluster' name='a/b'><host "
     "name='h'/></source><target dev='vda'/></disk>",
     "protocol 'gluster' is not supported"},
    {NULL,
     "<disk type='network' device='disk'><source protocol='iscsi' name='iqn.x/abc'><host "
     "name='h'/></source><target dev='vda'/></disk>",
     "the LUN"},
    {NULL, "<disk type='file' device='cdrom'><target dev='vda' bus='virtio'/></disk>",
     "a cdrom on bus 'virtio' is not possible"},
    {NULL, "<interface type='direct'><source dev='eth0'/></interface>",
     "interfaces of type 'direct' are not supported: use user, bridge or ethernet"},
    {NULL, "<interface type='user'><backend type='passt'/><model type='virtio'/></interface>",
     "passt is not supported"},
    {NULL, "<interface type='user'><model type='token-ring'/></interface>",
     "network cards of model 'token-ring'"},
    {NULL, "<interface type='user'><model type='e1000'/><driver queues='2'/></interface>",
     "driver/@queues is not possible"},
    {NULL, "<serial type='stdio'/>", "guests outlive the process"},
    {NULL, "<serial type='tcp'><source mode='bind' host='h' service='1' tls='yes'/></serial>",
     "TLS is not supported"},
    {NULL, "<serial type='file'/>", "needs a path"},
    {NULL, "<graphics type='sdl'/>", "use vnc or spice"},
    {NULL, "<graphics type='spice' tlsPort='5901'/>", "SPICE with TLS is not supported"},
    {NULL, "<graphics type='vnc' port='100' autoport='no'/>", "ports are 5900 to 65535"},
    {NULL, "<graphics type='vnc' passwd='x' passwdValidTo='tomorrow'/>",
     "'tomorrow' is no date like"},
    {NULL, "<video><model type='voodoo'/></video>", "video cards of type 'voodoo'"},
    {NULL, "<sound model='gravis'/>", "sound cards of model 'gravis'"},
    {NULL, "<watchdog model='diag288'/>", "a PC has no watchdog 'diag288'"},
    {OS_PC, "<watchdog model='itco'/>", "part of q35 machines"},
    {NULL, "<tpm model='tpm-spapr'><backend type='emulator'/></tpm>", "tpm-tis or tpm-crb"},
    {NULL,
     "<filesystem type='mount'><driver type='virtiofs'/><source dir='/a'/><target "
     "dir='b'/></filesystem>",
     "<memoryBacking><source type='memfd'/>"},
    {NULL, "<shmem name='../etc'><model type='ivshmem-plain'/></shmem>",
     "file name without slashes"},
    {NULL, "<memory model='dimm'><target><size>65536</size><node>0</node></target></memory>",
     "need a <maxMemory"},
    {OS_PC, "<iommu model='intel'/>", "with q35 machines"},
    {NULL, "<panic model='pseries'/>", "no panic device of model 'pseries'"},
    {NULL,
     "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/><address bus='0' "
     "target='0' unit='0'/></source></hostdev>",
     "devices/hostdev"},
    {NULL, "<vsock model='virtio'/>", "address from 3"},
    {OS "<iothreads>1000000</iothreads>", "", "at most 1024"},
    {NULL,
     "<disk type='file' device='disk'><source file='/a'/><target dev='sdzzzz' bus='scsi'/></disk>",
     "at most 64 controllers of type 'scsi'"},
    {NULL,
     "<channel type='pty'><target type='virtio' name='a'/><address type='virtio-serial' "
     "controller='4000000000' bus='0' port='1'/></channel>",
     "at most 64 controllers"},
    {NULL,
     "<controller type='pci' index='2' model='pcie-switch-upstream-port'/><controller type='pci' "
     "index='3' model='pcie-switch-downstream-port'/>",
     NULL},
    {NULL, "<interface type='network'><source network='default'/></interface>",
     "interfaces of type 'network' are not supported"},
    {NULL,
     "<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vda'/></disk>",
     "sources of type 'volume' are not supported"},
    /* addresses */
    {NULL, NIC("<address type='pci' domain='0' bus='0' slot='31' function='0'/>"),
     "the PCI address 0000:00:1f.0 is in use"},
    {NULL, NIC("<address type='pci' domain='0' bus='9' slot='1' function='0'/>"),
     "there is no PCI bus 0000:09"},
    {NULL,
     "<controller type='pci' index='1' model='pcie-root-port'/>" NIC(
         "<address type='pci' domain='0' bus='1' slot='4' function='0'/>"),
     "has slots 0 to 0"},
    {NULL,
     "<controller type='pci' index='1' model='pcie-to-pci-bridge'><address type='pci' domain='0' "
     "bus='2' slot='0' function='0'/></controller><controller type='pci' index='2' "
     "model='pcie-root-port'/>",
     "needs a higher index than the one it is on"},
    {NULL, "<controller type='pci' index='0' model='pci-root'/>", "has no pci-root"},
    {OS_PC, "<controller type='pci' index='1' model='pcie-root-port'/>", "no free PCI slot"},
    {NULL, "<controller type='pci' index='1' model='nonsense'/>", "'nonsense'"},
    {NULL, "<controller type='scsi' model='buslogic'/>",
     "controllers of type 'scsi', model buslogic"},
    {NULL, "<controller type='usb' index='1' model='ich9-uhci1'/>",
     "needs a controller ich9-ehci1 with the same index"},
};

static void every_refusal_names_its_element_and_reason(void **state)
{
    (void)state;
    bool right = true;
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
        right &= check("qemu", refusals[i].domain ? refusals[i].domain : OS, refusals[i].devices,
                       refusals[i].words);
    assert_true(right);
}

static void only_kvm_and_qemu_are_types(void **state)
{
    (void)state;
    assert_true(check("xen", OS, "", "type 'xen' is not QEMU's: kvm or qemu"));
}

/* A processor that this host cannot give is refused before the guest is. */
static void kvm_needs_the_features_of_the_model(void **state)
{
    (void)state;
    assert_true(check("kvm", OS "<cpu><model fallback='forbid'>Skylake-Server</model></cpu>", "",
                      "lacks features of the CPU model 'Skylake-Server': hle rtm"));
    assert_true(
        check("qemu", OS "<cpu><model fallback='forbid'>Skylake-Server</model></cpu>", "", NULL));
}

/* What a start adds may not be what a host lacks: such errors come from the start. */
static void a_start_says_what_the_host_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *devices;
        const char *words;
    } starts[] = {
        {"<disk type='file' device='disk'><driver type='qcow2'/><source "
         "file='/nonexistent/a.qcow2'/><target dev='vda'/></disk>",
         "open the disk image '/nonexistent/a.qcow2': No such file"},
        {"<disk type='file' device='disk'><source file='/dev/null'/><target dev='vda'/></disk>",
         "neither a file nor a block device"},
        {"<hostdev mode='subsystem' type='pci'><source><address domain='0xffff' bus='0' slot='0' "
         "function='0'/></source></hostdev>",
         "ffff:00:00.0 is driven by 'nothing': bind it to vfio-pci"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        struct hvk_error err;
        AUTO(command_fini) struct command command;
        command_init(&command);
        auto_free char *xml =
            string_format("<domain type='qemu'><name>r</name><memory>65536</memory>" OS
                          "<devices>%s</devices></domain>",
                          starts[i].devices);
        auto_model_domain domain = case_parse(xml);
        const struct command_input input = {.domain = domain,
                                            .caps = caps,
                                            .runtime_directory = "/nonexistent",
                                            .nvram_directory = "/nonexistent",
                                            .state_directory = "/nonexistent",
                                            .monitor_fd = -1};
        assert_false(command_build(&input, &command, &err));
        if (!strstr(err.text, starts[i].words))
            fail_msg("'%s' instead of '%s'", err.text, starts[i].words);
    }
}

static int set_up(void **state)
{
    struct hvk_error err;
    (void)state;
    json_t *json = json_load_file(QEMU_ARGV_DIR "/caps.json", 0, NULL);
    caps = json ? caps_from_json(json, &err) : NULL;
    json_decref(json);
    return caps ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    caps_unref(caps);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_names_its_element_and_reason),
        cmocka_unit_test(only_kvm_and_qemu_are_types),
        cmocka_unit_test(kvm_needs_the_features_of_the_model),
        cmocka_unit_test(a_start_says_what_the_host_lacks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
