#!/bin/busybox sh
# First process of a guest of the test bed: mounts, modules, then the agent on the second serial port.
export PATH=/tools:/bin LD_LIBRARY_PATH=/lib64 HOME=/ TERM=dumb
busybox mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /proc /sys /tmp /run /dev/pts
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devpts pts /dev/pts
mount -t tmpfs tmp /tmp
while read -r module; do
    insmod "/modules/$module" 2>/dev/null || echo "softiov-init: cannot load $module"
done </modules/order
ip link set lo up
hostname guest
echo "softiov-init: ready after $(cut -d' ' -f1 /proc/uptime) s"
while :; do
    /tools/sh /agent.sh
    sleep 1
done
