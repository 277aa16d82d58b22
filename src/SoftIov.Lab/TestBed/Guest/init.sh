#!/bin/busybox sh
# First process of a guest of the test bed: mounts, modules, then the agent on the second serial port. Where the kernel's command line names
# a root device, the same script runs a second time from there.
export PATH=/tools:/bin LD_LIBRARY_PATH=/lib64 HOME=/ TERM=dumb
busybox mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /proc /sys /tmp /run /dev/pts
mount -t proc proc /proc
mount -t sysfs sys /sys
if [ -f /modules/order ]; then
    while read -r module; do
        insmod "/modules/$module" 2>/dev/null || echo "softiov-init: cannot load $module"
    done </modules/order
    root=$(sed -n 's/.*softiov\.root=\([^ ]*\).*/\1/p' /proc/cmdline)
    if [ -n "$root" ]; then
        until [ -b "$root" ]; do sleep 0.05; done
        mkdir /disk
        mount -t ext4 "$root" /disk || echo "softiov-init: cannot mount $root"
        umount /dev /proc /sys
        exec switch_root /disk /init
    fi
fi
mount -t devpts pts /dev/pts
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
ip link set lo up
hostname guest
echo "softiov-init: ready after $(cut -d' ' -f1 /proc/uptime) s"
while :; do
    /tools/sh /agent.sh
    sleep 1
done
