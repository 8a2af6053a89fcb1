#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Claims that the command says what virsh says of the same node, libvirt's and ours. Where the two
# print the same, whole outputs are compared; where only the layout differs, the words are.
# Usage: cli_virsh.sh HVKIT
. "$(dirname "$0")/cli_lib.sh"
command -v virsh >/dev/null || skip "virsh (package libvirt-clients) is not installed"
virsh -c test:///default list >"$scratch/virsh" 2>&1 || skip "virsh cannot open its test driver"

# same LINE FILTER: after FILTER (sed) both say the same.
same() {
    claims=$((claims + 1))
    # shellcheck disable=SC2086
    virsh -c test:///default $1 >"$scratch/virsh" 2>&1 || true
    # shellcheck disable=SC2086
    "$HVKIT" $1 >"$scratch/out" 2>"$scratch/err" || true
    for file in virsh out; do
        tr -s ' -' ' ' <"$scratch/$file" | sed -e "$2" -e 's/^ *//; s/ *$//; /^$/d' >"$scratch/$file.words"
    done
    cmp -s "$scratch/virsh.words" "$scratch/out.words" && return
    failures=$((failures + 1))
    printf "FAILED: '%s' differs\n" "$1"
    diff "$scratch/virsh.words" "$scratch/out.words" | sed 's/^/    /'
}

same 'list --all' ''
same 'list --all --name' ''
same 'list --uuid' ''
same 'list --inactive --name' ''
same 'list --all --state-paused --name' ''
same 'domid test' ''
same 'domname 1' ''
same 'domuuid test' ''
same 'domstate test' ''
# OS type: libvirt's test driver calls it "linux" though its XML says hvm; time runs.
same 'dominfo test' '/^CPU time/d; /^Security/d; /^OS Type/d'
same 'domblklist test' ''
same 'domblklist test --details' ''
same 'domiflist test' ''
same 'nodeinfo' ''
same 'freecell --all' 's/^ *//; /^Cell/d; s/[0-9]*$//; s/:.*//; s/ .*//'
same 'vcpucount test' '/^Which/d'
same 'hostname' ''
same 'uri' ''
same 'domblkstat test vda' 's/ [0-9]*$//; /_total_times/d; /flush/d; /errs/d'
same 'domifstat test testnet0' 's/ [0-9]*$//'

# Names of commands: whatever both have in common does not mean different things, and what the
# scripts of virsh's users need most is there.
"$HVKIT" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' >"$scratch/ours"
for verb in attach-device attach-disk attach-interface autostart capabilities change-media console create define \
    desc destroy detach-device detach-device-alias detach-disk detach-interface domblkinfo domblklist domblkstat \
    domcapabilities domid domifstat domiflist dominfo domjobabort domjobinfo dommemstat domname domrename domstate \
    domstats domuuid domxml-from-native domxml-to-native dump dumpxml edit event freecell hostname inject-nmi list \
    managedsave managedsave-remove metadata nodecpumap nodecpustats nodeinfo nodememstats reboot reset restore \
    resume save save-image-define save-image-dumpxml screenshot send-key setmaxmem setmem setvcpus shutdown start \
    suspend sysinfo undefine update-device uri vcpucount vcpuinfo version; do
    claims=$((claims + 1))
    grep -qx "$verb" "$scratch/ours" || { failures=$((failures + 1)); echo "FAILED: there is no '$verb'"; }
    virsh help "$verb" >/dev/null 2>&1 || { failures=$((failures + 1)); echo "FAILED: virsh has no '$verb'"; }
done

# Every option that virsh documents for these is taken here as well.
for verb in list start create define undefine shutdown destroy autostart domstate dumpxml dominfo setmem setmaxmem \
    attach-device detach-device console screenshot inject-nmi domblklist domiflist domrename; do
    for option in $(virsh help "$verb" | sed -n 's/^    .*\(--[a-z][a-z-]*\).*/\1/p'); do
        case $option in --pass-fds | --tpm | --storage | --remove-all-storage | --delete-storage-volume-snapshots | \
            --wipe-storage | --state* | --xpath | --wrap) continue ;;
        esac
        claims=$((claims + 1))
        "$HVKIT" help "$verb" | grep -q -e "$option\b" && continue
        word=$(echo "${option#--}" | tr a-z A-Z)
        "$HVKIT" help "$verb" | head -1 | grep -qw "$word" && continue
        failures=$((failures + 1))
        echo "FAILED: '$verb' takes no $option"
    done
done
finish
