#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about every verb that lists, shows and changes domains, run as processes against the test
# driver's node. Usage: cli_verbs.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"
uuid=6695eb01-f6a4-8304-79aa-97f2502e193f

cat >"$scratch/web.xml" <<'XML'
<domain type='test'>
  <name>web</name>
  <uuid>11111111-2222-3333-4444-555555555555</uuid>
  <title>Web server</title>
  <memory unit='KiB'>1048576</memory>
  <currentMemory unit='KiB'>524288</currentMemory>
  <vcpu current='1'>4</vcpu>
  <os><type arch='i686'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <source file='/images/web.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='hdc' bus='ide'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
    <console type='pty'/>
  </devices>
</domain>
XML

# ---- listing ----
run list
claim running_domains_are_listed 0 'Id  Name  State' ' 1  test  running'
run list --all --name
claim names_are_listed_for_scripts 0 '^test$'
run list --uuid
claim uuids_are_listed_for_scripts 0 "^$uuid\$"
run list --id
claim ids_are_listed_for_scripts 0 '^1$'
run list --uuid --name
claim columns_of_scripts_are_separated_by_blanks 0 "^$uuid test\$"
run list --inactive
claim no_stopped_domain_is_listed 0
if grep -q test "$scratch/out"; then fail 'inactive lists a running domain'; fi
run list --no-headings
claim headings_can_be_left_out 0
if grep -q Name "$scratch/out"; then fail 'headings are still there'; fi
run list --json
claim_json listing_is_json 'j["domains"][0]["name"] == "test" and j["domains"][0]["id"] == 1 and j["domains"][0]["persistent"] is True'
run list --name --title
claim plain_and_table_exclude_each_other 2 'exclude'
session <<EOF
define $scratch/web.xml
list --all --title
list --all
list --state-shutoff
list --inactive --name
EOF
claim stopped_domains_are_listed 0 'Web server' '- +web +shut off' '^web$'

# ---- one domain ----
for name in test 1 $uuid; do
    run domname "$name"
    claim "a_domain_is_found_by_$name" 0 '^test$'
done
run domid test
claim an_id_is_printed 0 '^1$'
run domuuid 1
claim a_uuid_is_printed 0 "^$uuid\$"
run domstate test
claim a_state_is_printed 0 '^running$'
run domstate test --reason
claim a_reason_is_printed 0 '^running \([a-z ]+\)$'
run domstate test --json
claim_json a_state_is_json 'j["domains"][0]["state"] == "running"'
run dominfo test
claim a_domain_is_described 0 "^UUID: +$uuid" '^State: +running' '^CPU\(s\): +2' '^Max memory: +8388608 KiB' \
    '^Used memory: +2097152 KiB' '^Persistent: +yes' '^Autostart: +disable'
run dominfo test --json
claim_json a_description_is_json 'j["domains"][0]["max_memory_kib"] == 8388608 and j["domains"][0]["autostart"] is False'
run dominfo nobody
claim an_unknown_domain_has_its_own_status 3 "hvkit: dominfo: .*'nobody'"
run dumpxml test
claim xml_is_printed 0 '^<domain type=.test.' '<name>test</name>'
run domblklist test
claim disks_are_listed 0 'Target +Source' 'vda +/'
run domblklist test --details
claim disks_are_listed_with_details 0 'file +disk +vda'
run domiflist test --json
claim_json interfaces_are_json 'j["interfaces"][0]["mac"] == "aa:bb:cc:dd:ee:ff"'
run domiflist test
claim interfaces_are_listed 0 'aa:bb:cc:dd:ee:ff'

# ---- life cycle ----
session <<EOF
define $scratch/web.xml
start web
domstate web
suspend web
domstate web
resume web
domstate web
reboot web
reset web
shutdown web
domstate web
start web --paused
domstate web
destroy web
undefine web
EOF
claim a_domain_lives_its_life 0 "Domain 'web' defined" "Domain 'web' started" '^paused$' '^running$' '^shut off$' \
    "Domain 'web' destroyed" "Domain 'web' undefined"
session --quiet <<EOF
create $scratch/web.xml
destroy web
domstate web
EOF
claim a_transient_domain_is_gone_when_it_ends 3
run start test
claim a_running_domain_cannot_be_started 8 'hvkit: start: '
session <<EOF
define $scratch/web.xml
suspend web
EOF
claim a_stopped_domain_cannot_be_suspended 8 'hvkit: suspend: '
run -r destroy test
claim a_read_only_connection_changes_nothing 6 'hvkit: destroy: '
run define /nonexistent.xml
claim a_missing_file_is_named 1 'cannot open /nonexistent.xml'
echo '<domain' | "$HVKIT" define - >"$scratch/out" 2>"$scratch/err"
status=$?
claim broken_xml_is_refused 1 'hvkit: define: '
run shutdown test --mode acpi,shout
claim an_unknown_mode_is_refused 2 "'shout' is no mode"
session <<EOF
autostart test
dominfo test
list --autostart
autostart test --disable
dominfo test
EOF
claim autostart_is_switched 0 '^Autostart: +enable' '^Autostart: +disable'

# ---- definitions ----
session <<EOF
desc test 'A test' machine
desc test
desc test --title Short
desc test --title
desc test ''
desc test
EOF
claim descriptions_are_kept 0 '^A test machine$' '^Short$' 'has no description'
session <<EOF
define $scratch/web.xml
domrename web www
domuuid www
EOF
claim a_domain_is_renamed 0 "Domain 'web' renamed" 11111111-2222
session <<EOF
metadata test http://example.org/x --key x --set '<tag><deep/></tag>'
metadata test http://example.org/x
metadata test http://example.org/x --remove
EOF
claim metadata_is_kept 0 '<x:tag' '<deep/>'
run metadata test http://example.org/none
claim missing_metadata_has_its_own_status 3

# ---- resources ----
session <<EOF
setmem test 1GiB
dominfo test
EOF
claim memory_is_set 0 '^Used memory: +1048576 KiB'
session <<EOF
define $scratch/web.xml
setmaxmem web 2097152 --config
setvcpus web 3 --config
vcpucount web --config
vcpucount web
dominfo web
EOF
claim resources_of_a_stopped_domain_are_set 0 '^3$' '^Max memory: +2097152 KiB' 'maximum +config +4'
run vcpucount test
claim vcpus_are_counted 0 'maximum +live +2' 'current +config +2'
run vcpuinfo test
claim vcpus_are_described 0 '^VCPU: +0' '^VCPU: +1' '^State: +running'
run vcpuinfo test --json
claim_json vcpus_are_json 'len(j["vcpus"]) == 2 and j["vcpus"][0]["state"] == "running"'

# ---- statistics ----
run domstats test
claim statistics_are_printed 0 "^Domain: 'test'" '^  state.state=1' 'block.0.name=vda'
run domstats --state --json
claim_json statistics_are_json 'j["domains"][0]["state.state"] == 1'
run domblkstat test vda
claim disk_counters_are_printed 0 '^vda rd_req [0-9]+$' '^vda wr_bytes [0-9]+$'
run domblkinfo test vda
claim disk_sizes_are_printed 0 '^Capacity: +[0-9]+'
run domblkinfo test --all
claim all_disk_sizes_are_printed 0 'vda +[0-9]+'
cat >"$scratch/empty.xml" <<'XML'
<domain type='test'><name>empty</name><memory>1024</memory><os><type>hvm</type></os>
<devices><disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk></devices></domain>
XML
session <<SHELL
define $scratch/empty.xml
domblkinfo empty --all
SHELL
claim drive_without_a_medium_has_no_sizes 0 '^hdc +- +- +-$'
run domifstat test testnet0
claim interface_counters_are_printed 0 '^testnet0 rx_bytes [0-9]+$'
run dommemstat test
claim memory_counters_are_printed 0 '^actual 2097152'
run domblkstat test vdz
claim an_unknown_disk_is_refused 1 'vdz'
run domjobinfo test
claim no_job_is_shown 0 '^Job type: +None'

# ---- devices ----
cat >"$scratch/disk.xml" <<'XML'
<disk type='file' device='disk'><source file='/images/b.img'/><target dev='vdb' bus='virtio'/></disk>
XML
run attach-disk web "/a'b&c.img" vdb --subdriver qcow2 --mode readonly --print-xml
claim a_disk_is_written_as_xml 0 '<disk type=.file. device=.disk.>' '/a&#39;b&#38;c.img' "<driver type='qcow2'/>" '<readonly/>'
run attach-interface web bridge br0 --model virtio --inbound 10,20 --print-xml
claim an_interface_is_written_as_xml 0 "<source bridge='br0'/>" "<inbound average='10' peak='20'/>"
run attach-interface web bridge --print-xml
claim a_bridge_needs_its_name 2 'needs a SOURCE'
run attach-disk web /x disk0 --print-xml
claim an_unknown_bus_is_asked_for 2 'add --targetbus'
session <<EOF
define $scratch/web.xml
attach-device web $scratch/disk.xml --config
domblklist web
attach-disk web /images/c.img vdc --config
detach-disk web vdb --config
change-media web hdc /images/cd.iso --insert --config
domblklist web
change-media web hdc --eject --config
attach-interface web user --mac 52:54:00:00:00:02 --config
domiflist web
detach-interface web user --config
detach-interface web network --mac 52:54:00:00:00:01 --config
EOF
claim devices_come_and_go 0 'vdb +/images/b.img' 'vdc +/images/c.img' 'hdc +/images/cd.iso' 52:54:00:00:00:02 'Interface detached'
session <<EOF
define $scratch/web.xml
change-media web vda --eject --config
EOF
claim a_disk_is_no_drive 8 'not a drive with removable media'
run detach-disk test vdz
claim a_missing_disk_has_its_own_status 3 "'vdz'"

# ---- save and restore ----
session <<EOF
define $scratch/web.xml
start web
save web $scratch/web.save
domstate web --reason
save-image-dumpxml $scratch/web.save
restore $scratch/web.save
domstate web --reason
managedsave web
list --all --managed-save
managedsave-dumpxml web
start web
domstate web
managedsave web
managedsave-remove web
managedsave-remove web
dump test $scratch/core
EOF
claim guests_are_saved_and_restored 0 "Domain 'web' saved" 'shut off \(saved\)' 'running \(restored\)' 'saved' 'has no saved state'
[ -s "$scratch/core" ] || fail 'no core was dumped'

# ---- the node ----
run nodeinfo
claim the_node_is_described 0 '^CPU\(s\): +16' '^Memory size: +3145728 KiB' '^NUMA cell\(s\): +2'
run nodeinfo --json
claim_json the_node_is_json 'j["node"][0]["cpus"] == 16'
run nodecpumap
claim processors_are_shown 0 '^CPUs present: +[0-9]+' '^CPU map: +[y-]+'
run nodecpustats
claim processor_time_is_shown 0 '^user: '
run nodecpustats --percent
claim processor_shares_are_shown 0 '^user: +[0-9.]+%'
run nodememstats
claim node_memory_is_shown 0 '^total: +[0-9]+ KiB'
run freecell --all
claim free_memory_of_cells_is_shown 0 '0 +[0-9]+' 'Total'
run freecell
claim free_memory_is_shown 0 '^Total: [0-9]+ KiB'
run capabilities
claim capabilities_are_xml 0 '<capabilities>'
run hostname
claim the_host_is_named 0 '.'
run uri
claim the_uri_is_printed 0 '^test:///default$'
run version
claim versions_are_printed 0 '^hvkit: +[0-9.]+' '^Driver: '
run maxvcpus
claim the_limit_of_vcpus_is_printed 0 '^[0-9]+$'

# ---- drivers ----
run drivers
claim drivers_are_listed 0 'Id +  Version  Schemes  Runs  Usable  Path' 'test  '
run drivers why test
claim a_driver_is_explained 0 '^Decision: ' '^Usable: +yes'
run drivers why nothing
claim an_unknown_driver_has_its_own_status 3 "'nothing'"
run drivers --json
claim_json drivers_are_json 'any(d["id"] == "test" and d["usable"] for d in j["drivers"])'
mkdir -m 700 "$scratch/drivers"
echo junk >"$scratch/drivers/junk.so"
HVKIT_DRIVER_PATH=$scratch/drivers
export HVKIT_DRIVER_PATH
run drivers why junk
claim a_file_without_identity_is_found_by_its_name 0 '^Usable:' 'not an ELF file'
run drivers --json
claim_json what_could_not_be_read_is_not_made_up 'any(d["path"].endswith("junk.so") and not d.get("id") and not d.get("runs") for d in j["drivers"])'
unset HVKIT_DRIVER_PATH

# ---- connections, deadlines ----
run -c nothing:///x list
claim an_unknown_scheme_is_no_connection 4 'cannot connect to nothing:///x: '
run -c 'test:///default?inject=save:delay=60000' -t 1 save test "$scratch/slow"
claim a_deadline_ends_the_command 5 'hvkit: save: ' "domain 'test' is now"
run -q -c 'test:///default?inject=destroy:error=38' destroy test
claim an_error_of_the_driver_is_printed 1 'hvkit: destroy: '

# ---- keys, screen ----
run send-key test KEY_LEFTCTRL KEY_A 30
claim keys_are_sent 0
run send-key test KEY_NONSENSE
claim an_unknown_key_is_refused 2 'KEY_ENTER'
run screenshot test "$scratch/screen"
claim a_screenshot_is_saved 0 'Screenshot saved'
[ -s "$scratch/screen" ] || fail 'the screenshot is empty'

# ---- events ----
run event --list
claim events_are_named 0 '^lifecycle$' '^device-added$'
run event --all --timeout 1
claim waiting_for_an_event_ends_in_time 5
run event --event nothing
claim an_unknown_event_is_refused 2 "no event 'nothing'"
run event
claim an_event_has_to_be_chosen 2 'needs either --event or --all'
finish
