#!/usr/bin/env bash
# Proves that ./run, deploy/release and ./test quick work on a fresh machine:
# makes a clean Debian 12 root with debootstrap, puts git and a clone of the
# last commit inside and runs them there. Of this machine it takes over only
# how to reach package registries: resolver, apt sources, proxies,
# certificates.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

serving_seconds=2 # how long a ./run with nothing to build may take
first_seconds=1200

# Everything below `inside` runs in the clean root, with nothing but bash.
answers() {
    local status=
    { exec 3<>"/dev/tcp/localhost/$1"; } 2>/dev/null || return 1
    printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3
    read -rt 2 status <&3 || :
    exec 3>&-
    [[ $status == *" 200 "* ]]
}

# serve SECONDS: start ./run and wait until it answers, then end it.
serve() {
    local begun=$EPOCHREALTIME port=$((20000 + RANDOM % 10000)) pid took
    while { : <>"/dev/tcp/localhost/$port"; } 2>/dev/null; do ((port++)); done
    ./run --port "$port" &
    pid=$!
    until answers "$port"; do
        kill -0 "$pid" 2>/dev/null || return 1
        ((${EPOCHREALTIME%.*} - ${begun%.*} <= $1)) || break
        sleep 0.05
    done
    took=$(((${EPOCHREALTIME/./} - ${begun/./}) / 1000))
    echo "served after $took ms"
    kill "$pid" && wait "$pid" || echo "ended with status $?"
    ((took <= $1 * 1000))
}

passed=0 failed=0
attempt() {
    local name=$1
    shift
    echo "fresh: $name"
    if "$@" 2>&1 | sed -u 's/^/    /'; then
        passed=$((passed + 1))
        echo "ok - $name"
    else
        failed=$((failed + 1))
        echo "not ok - $name"
    fi
}

inside() {
    attempt "a first ./run installs, builds and serves" serve "$first_seconds"
    attempt "a second ./run serves at once" serve "$serving_seconds"
    # Before the tests install more than the build packages.
    attempt "deploy/release builds the release" deploy/release
    attempt "./test quick passes" ./test quick
    echo
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
}

# Let the root reach the registries in the manner of this machine.
adopt_network() {
    local root=$1 key value file
    cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
    echo "127.0.0.1 localhost" >"$root/etc/hosts"
    debian_sources >"$root/etc/apt/sources.list"
    apt-config dump | grep -E '^Acquire::(https?|Check)[:-]' \
        >"$root/etc/apt/apt.conf.d/90network" || :
    mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/ssl/certs"
    find /usr/local/share/ca-certificates -name '*.crt' \
        -exec cp -t "$root/usr/local/share/ca-certificates" {} +
    file=/etc/ssl/certs/ca-certificates.crt
    [ ! -e "$file" ] || cp "$file" "$root$file"
    for key in registry proxy https-proxy noproxy cafile strict-ssl; do
        value=$(npm config get "$key" 2>/dev/null) || continue
        case $value in '' | null | undefined) ;; *) echo "$key=$value" ;; esac
    done >"$root/root/.npmrc"
}

# The Debian part of this machine's apt sources.
debian_sources() {
    # shellcheck disable=SC2016 # apt's own format
    apt-get indextargets 'Created-By: Packages' 'Origin: Debian' --format \
        'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' | sort -u
}

make_root() {
    local mirror
    mirror=$(debian_sources | awk '$3 == "bookworm" { print $2; exit }')
    rm -rf "$1.part"
    debootstrap --variant=minbase --include=git bookworm "$1.part" \
        ${mirror:+"$mirror"}
    mv "$1.part" "$1"
}

# Copy the pristine root and put the clone inside.
make_machine() {
    rm -rf "$2"
    cp -a "$1" "$2"
    adopt_network "$2"
    git clone --quiet --no-hardlinks . "$2/srv/databricks-chatbot"
}

# enter ROOT COMMAND...: run COMMAND in the clone, with its own processes and
# mounts, and of this environment only what the network needs.
enter() {
    local root=$1 passed_on=() name
    local network='_proxy$|_CERTS?(_|$)|CA_?(BUNDLE|INFO)'
    shift
    while read -r name; do
        passed_on+=("$name=${!name}")
    done < <(compgen -e | grep -iE "$network" || :)
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare --mount --pid --fork --kill-child bash -euc '
        root=$1; shift
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" "$@"' - "$root" \
        env -i -C /srv/databricks-chatbot HOME=/root TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${passed_on[@]}" "$@"
}

if [ "${1:-}" = inside ]; then
    inside
fi
if [ "$(id -u)" -ne 0 ]; then
    exec sudo -E "$top/tools/fresh.sh"
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/databricks-chatbot
[ -z "$(git status --porcelain)" ] ||
    echo "fresh: changes that are not committed are not tested"
[ -d "$cache/bookworm" ] || step "make a clean Debian root" "./test fresh" \
    make_root "$cache/bookworm"
machine=$(mktemp -d "$cache/machine.XXXXXX")
trap 'rm -rf --one-file-system "$machine"' EXIT
step "put a clone inside" "./test fresh" \
    make_machine "$cache/bookworm" "$machine"
enter "$machine" bash tools/fresh.sh inside
