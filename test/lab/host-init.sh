#!/bin/sh
# PID 1 of a lab host: host-init.sh HOST_NAME HOST_FOLDER. Makes the host's view of the file system, starts the tenants' user managers, reaps.
# Nothing that it mounts is seen outside its mount namespace, and all of it goes with its last process.
set -eu
name=$1
folder=$2

mount --make-rprivate /
# Copies of these mounts would keep other labs' networks alive after their end.
umount --recursive --lazy /run/netns 2>/dev/null || :
echo "$name" >/proc/sys/kernel/hostname

# What must stay visible is kept aside, before the folders that it may be in are hidden.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lab/host /run/lab/kept /run/lab/etc-upper /run/lab/etc-work
mount --bind "$folder" /run/lab/host
number=0
while IFS= read -r path; do
  number=$((number + 1))
  if [ -d "$path" ]; then mkdir "/run/lab/kept/$number"; else : >"/run/lab/kept/$number"; fi
  mount --bind "$path" "/run/lab/kept/$number"
done </run/lab/host/read-only

for hidden in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777 tmpfs "$hidden"; done
for hidden in /home /usr/local/bin /var/lib/systemd; do mount -t tmpfs -o mode=755 tmpfs "$hidden"; done
mount -t tmpfs -o mode=700 tmpfs /root
mount -t overlay -o lowerdir=/run/lab/host/etc:/etc,upperdir=/run/lab/etc-upper,workdir=/run/lab/etc-work overlay /etc
# All that was mounted below goes too: a reader of /proc/mounts must find one hierarchy of cgroups, where systemd would have it.
umount --recursive --lazy /sys
mount -t sysfs sysfs /sys
mount -t cgroup2 none /sys/fs/cgroup
mount -o remount,bind,ro /

number=0
while IFS= read -r path; do
  number=$((number + 1))
  # Root's home is closed to tenants; one that holds something that they must see can't be.
  case $path in /root/*) chmod 755 /root ;; esac
  if [ -d "$path" ]; then mkdir -p "$path"; elif [ ! -e "$path" ]; then
    if [ -d "/run/lab/kept/$number" ]; then mkdir -p "$path"; else mkdir -p "${path%/*}" && : >"$path"; fi
  fi
  mount --bind "/run/lab/kept/$number" "$path"
  mount -o remount,bind,ro "$path"
  umount --lazy "/run/lab/kept/$number"
done </run/lab/host/read-only
while IFS='	' read -r program path; do ln -s "$path" "/usr/local/bin/$program"; done </run/lab/host/programs

# systemd builds the view of a unit with a file system of its own (ReadOnlyPaths and the like) at unit-root, which PID 1 would have made.
mkdir -p /run/systemd/system /run/systemd/unit-root /run/user /run/lock /var/lib/systemd/linger
mount --bind /run/lab/host/linger /var/lib/systemd/linger
cat /proc/sys/kernel/random/uuid >/run/lab/boot-id
mount --bind /run/lab/boot-id /proc/sys/kernel/random/boot_id

# Hands a group's controllers down to its children. On a machine whose controllers are cgroup v1's there are none, and limits have no effect.
hand_down() {
  for controller in $(cat "$1/cgroup.controllers"); do echo "+$controller" >"$1/cgroup.subtree_control" || :; done
}

# Everything named as on a host where systemd is PID 1: programs read who they are from these names.
start_tenant() {
  tenant=$1 uid=$2 home=$3
  slice=/sys/fs/cgroup/user.slice/user-$uid.slice
  mkdir -p "$slice/user@$uid.service" "$home"
  hand_down "$slice"
  mount --bind "/run/lab/host/homes/$tenant" "$home"
  mkdir -m 700 "/run/user/$uid"
  (cd "$slice/user@$uid.service" && chown "$uid:$uid" . cgroup.procs cgroup.threads cgroup.subtree_control "/run/user/$uid")
  [ -e "/var/lib/systemd/linger/$tenant" ] || return 0
  sh -euc 'echo 0 >"$1/cgroup.procs"; cd "$2"; shift 2; exec "$@"' manager "$slice/user@$uid.service" "$home" \
    setpriv --reuid "$uid" --regid "$uid" --init-groups \
    env -i PATH=/usr/local/bin:/usr/bin:/bin "HOME=$home" "USER=$tenant" "LOGNAME=$tenant" SHELL=/bin/sh LANG=C.UTF-8 \
    "XDG_RUNTIME_DIR=/run/user/$uid" /lib/systemd/systemd --user --log-target=console &
}

mkdir -p /sys/fs/cgroup/system.slice /sys/fs/cgroup/user.slice
hand_down /sys/fs/cgroup
hand_down /sys/fs/cgroup/user.slice
while IFS='	' read -r tenant uid home; do start_tenant "$tenant" "$uid" "$home"; done </run/lab/host/tenants
: >/run/lab/up

# Something to wait for, always: a waiting shell also reaps the orphans that it never started.
sleep infinity &
while :; do wait; done
