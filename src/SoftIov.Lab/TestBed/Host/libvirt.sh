# libvirt.sh ROOT FOLDER CACHE USER: first process of namespaces of its own; runs libvirtd of unpacked packages in a root that is made of them.
# It stays beside libvirtd, to bury the QEMUs that become its children.
set -e
packages=$1 folder=$2 cache=$3 user=$4
root=$folder/root
mount --make-rprivate /
mkdir "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/usr" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/run" "$root/root" "$root/var/lib/libvirt" "$root/var/log" \
    "$root/var/cache" "$root$cache"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
ln -s /run "$root/var/run"
cp -a "$packages/etc" "$root/etc"
mount --bind "$packages/usr" "$root/usr"
mount -o remount,bind,ro "$root/usr"
mount --bind "$cache" "$root$cache"
mount --bind /tmp "$root/tmp"
mount --bind "$folder/run" "$root/run"
mount --bind "$folder/log" "$root/var/log"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
printf 'root:x:0:0::/root:\nlibvirt-qemu:x:%s:%s::/var/lib/libvirt:\n' "$user" "$user" >"$root/etc/passwd"
printf 'root:x:0:\nlibvirt-qemu:x:%s:\n' "$user" >"$root/etc/group"
# No confinement that the machine would have to know, and no daemon beside it that writes logs.
printf 'security_driver = "none"\nuser = "libvirt-qemu"\ngroup = "libvirt-qemu"\ncgroup_controllers = []\nstdio_handler = "file"\n' \
    >"$root/etc/libvirt/qemu.conf"
printf 'auth_unix_rw = "none"\n' >"$root/etc/libvirt/libvirtd.conf"
PATH=/usr/sbin:/usr/bin chroot "$root" libvirtd &
wait
