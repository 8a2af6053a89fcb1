#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims about the command and a real Linux guest under QEMU, from its first byte on the console to
# its shutdown. Usage: cli_guest.sh HVKIT DIRECTORY-OF-THE-GUEST
. "$(dirname "$0")/cli_lib.sh"
guest=$(cd "$2" 2>/dev/null && pwd) || skip "the guest was not made (ci/guest)"
[ -f "$guest/kernel" ] || skip "the guest was not made (ci/guest)"
command -v qemu-system-x86_64 >/dev/null || skip "qemu-system-x86_64 is not installed"
root=$scratch/root
mkdir "$root"
HVKIT_URI="qemu:///embed?root=$root"
end() {
    "$HVKIT" -q destroy first >/dev/null 2>&1
    rm -rf "$scratch"
}
trap end EXIT

qemu-img create -q -f qcow2 "$scratch/disk.qcow2" 64M
cat >"$scratch/first.xml" <<XML
<domain type='qemu'>
  <name>first</name>
  <title>A first guest</title>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>$guest/kernel</kernel>
    <initrd>$guest/initramfs</initrd>
    <cmdline>console=ttyS0 guest.address=none</cmdline>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='$scratch/disk.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <controller type='pci' index='1' model='pcie-root-port'/>
    <controller type='pci' index='2' model='pcie-root-port'/>
    <controller type='pci' index='3' model='pcie-root-port'/>
    <controller type='pci' index='4' model='pcie-root-port'/>
    <controller type='pci' index='5' model='pcie-root-port'/>
    <controller type='pci' index='6' model='pcie-root-port'/>
    <controller type='pci' index='7' model='pcie-root-port'/>
    <console type='pty'/>
    <video><model type='vga'/></video>
    <graphics type='vnc' port='-1' autoport='yes'/>
  </devices>
</domain>
XML

# at_console MARK COMMAND...: runs it with pipes, and types the escape character once MARK was seen.
at_console() {
    local mark=$1 line
    shift
    coproc CONSOLE { "$HVKIT" -t 100 "$@" 2>"$scratch/err"; }
    local pid=$CONSOLE_PID in=${CONSOLE[1]} out=${CONSOLE[0]}
    [ -z "$typed" ] || printf '%s\r' "$typed" >&"$in"
    : >"$scratch/out"
    while IFS= read -r line <&"$out"; do
        printf '%s\n' "$line" >>"$scratch/out"
        [[ $line == *$mark* ]] && { printf '\035' >&"$in"; mark=$'\n'; }
    done
    wait "$pid"
    status=$?
}

typed=
at_console USERSPACE-UP run "$scratch/first.xml"
claim run_shows_the_console_from_the_first_byte 0 "Domain 'first' defined" 'Linux version' 'USERSPACE-UP'
run list --title
claim the_guest_goes_on_when_the_console_is_left 0 'first +running +A first guest'
typed='echo hello-$((6*7))'
at_console hello-42 console first
claim the_console_goes_both_ways 0 'hello-42'

session <<EOF
suspend first; domstate first --reason
resume first; domstate first
domstats first --block --cpu-total --state
dommemstat first
vcpuinfo first
domblklist first --details
domblkinfo first vda
domblkstat first vda
send-key first KEY_LEFTCTRL KEY_A
inject-nmi first
screenshot first $scratch/screen
dump first $scratch/core --memory-only
setmem first 200MiB --live
EOF
claim a_running_guest_is_looked_at 0 '^paused \(user\)$' 'block.0.name=vda' '^VCPU: +0' 'Capacity: +67108864' \
    '^vda rd_req [0-9]+' 'Screenshot saved' "Domain 'first' dumped"
case $(head -c 4 "$scratch/screen" | tr -d '\211\n') in P6* | PNG) ;; *) fail 'the screenshot is no picture' ;; esac

qemu-img create -q -f qcow2 "$scratch/more.qcow2" 16M
session <<EOF
attach-disk first $scratch/more.qcow2 vdb --driver qemu --subdriver qcow2 --live
attach-disk first $scratch/more.qcow2 vdc --driver qemu --subdriver qcow2 --config
detach-disk first vdc --config
domblklist first
EOF
claim disks_are_attached 0 'Disk attached' 'Disk detached' 'vdb +.*more.qcow2'

session <<EOF
save first $scratch/first.sav
domstate first
save-image-dumpxml $scratch/first.sav
restore $scratch/first.sav
domstate first --reason
managedsave first
list --all --managed-save
start first
domstate first
EOF
claim a_guest_is_saved_and_restored 0 '^shut off$' '<name>first</name>' 'running \(restored\)' 'first +saved' '^running$'
typed='echo again-$((6*7))'
at_console again-42 console first
claim a_restored_guest_answers 0 'again-42'

session <<EOF
shutdown first
event first --event lifecycle --timeout 60
EOF
claim a_guest_is_shut_down 0 "event 'lifecycle' for domain 'first': (Shutdown|Stopped)"
session <<EOF
destroy first
EOF
session <<EOF
undefine first
list --all --name
EOF
claim a_guest_is_forgotten 0 "Domain 'first' undefined"
finish
