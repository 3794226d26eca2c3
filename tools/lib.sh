# Shared by run, test and the scripts here: steps with progress, installing
# what is missing, building. Source it; it leaves you in the project's folder.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
top=$PWD
logs=$top/build/logs
stamps=$top/build/stamps
npm_version=11.19.1
# shellcheck disable=SC2034 # for those who source this
program=src/app/databricks-chatbot
node_home=$top/frontend/node_modules/node
mkdir -p "$logs" "$stamps"

die() {
    printf '%s\n' '' "$@" >&2
    exit 1
}

# Show that the step named $1 is still going on, until killed.
tick() {
    local started=$SECONDS note
    exec 9<> <(:)
    while ! read -rt 1 -u 9; do
        ((SECONDS - started < 1)) && continue
        if [ -t 1 ]; then
            note=$(tail -n 1 "$2" | cut -c 1-50)
            printf '\r\033[K  %s %ds  %s' "$1" $((SECONDS - started)) "$note"
        elif (((SECONDS - started) % 15 == 0)); then
            printf '  %s ... %ds\n' "$1" $((SECONDS - started))
        fi
    done
}

# step NAME FIX COMMAND...: run COMMAND with its output in a log. A failure
# shows the log and FIX, the command that mends or repeats the step.
step() {
    local name=$1 fix=$2 log started=$SECONDS ticker status=0
    log=$logs/${name// /-}.log
    shift 2
    : >"$log"
    tick "$name" "$log" &
    ticker=$!
    "$@" >"$log" 2>&1 </dev/null || status=$?
    kill "$ticker" 2>/dev/null || :
    wait "$ticker" 2>/dev/null || :
    [ ! -t 1 ] || printf '\r\033[K'
    if [ "$status" -ne 0 ]; then
        tail -n 60 "$log" >&2
        die "Failed: $name (whole output: ${log#"$top"/})" "To mend it: $fix"
    fi
    ((SECONDS - started < 1)) || echo "  $name: $((SECONDS - started)) s"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

# need_packages PART...: install what tools/packages.txt lists and is absent.
need_packages() {
    local wanted missing
    wanted=$(awk -v parts=" $* " \
        'NF && index(parts, " " $1 " ") { print $2 }' tools/packages.txt)
    command -v dpkg-query >/dev/null || return 0 # not Debian
    # shellcheck disable=SC2086 # one word a package
    missing=$(comm -23 <(sort -u <<<"$wanted") <(
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted \
            2>/dev/null | sed -n 's/^installed //p' | sort -u))
    [ -n "$missing" ] || return 0
    missing=${missing//$'\n'/ }
    echo "Missing Debian packages: $missing"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "Cannot install without root." \
            "As root: apt-get update && apt-get install -y $missing"
        sudo -v || die "sudo was refused."
    fi
    # shellcheck disable=SC2086
    step "install packages" \
        "apt-get update && apt-get install -y $missing" \
        apt_install $missing
}

# Whether the Node found is as new as the page's tools want.
node_is_current() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit(a > 22 || (a === 22 && b >= 12) ? 0 : 1)' 2>/dev/null
}

# need_npm: an npm that runs on a current Node. npm leaves out what the Node it
# runs on is too old for, so an old one only fetches a new pair, of the Node
# that the page pins, into build/toolchain.
need_npm() {
    local node_version
    command -v npm >/dev/null || need_packages node
    ! node_is_current || return 0
    node_version=$(node -p \
        "require('./frontend/package.json').devDependencies.node")
    step "install Node $node_version" "./run" npm install --no-audit --no-fund \
        --no-save --prefix build/toolchain \
        "node@$node_version" "npm@$npm_version"
    export PATH="$top/build/toolchain/node_modules/.bin:$PATH"
}

# need_modules: frontend/node_modules as the lock file says. It holds the Node
# (package "node") that every later step uses.
need_modules() {
    local want
    want=$(cksum frontend/package-lock.json)
    if [ ! -x "$node_home/bin/node" ] ||
        [ "$(cat "$stamps/modules" 2>/dev/null)" != "$want" ]; then
        need_npm
        step "install page modules" "(cd frontend && npm ci)" \
            env -C frontend npm ci --no-audit --no-fund
        [ -x "$node_home/bin/node" ] ||
            die "npm ci brought no frontend/node_modules/node/bin/node"
        printf '%s\n' "$want" >"$stamps/modules"
    fi
    export PATH="$node_home/bin:$PATH"
}

# build_page: frontend/dist, which the server embeds.
build_page() {
    need_modules
    if [ -d frontend/dist ] && [ -e "$stamps/page" ] &&
        [ -z "$(find frontend -mindepth 1 \
            \( -name node_modules -o -name dist -o -name test-results -o \
            -name playwright-report \) \
            -prune -o -newer "$stamps/page" -print -quit)" ]; then
        return 0
    fi
    touch "$stamps/page.begun"
    step "build page" "(cd frontend && npm run build)" \
        env -C frontend node --run build
    mv "$stamps/page.begun" "$stamps/page"
}

# build_server DIR TARGET [MESON OPTION...]: $program alone or "all" in DIR.
build_server() {
    local dir=$1 target=$2
    shift 2
    [ -e "$dir/build.ninja" ] ||
        step "set up $dir" "rm -rf $dir, then repeat" meson setup "$dir" "$@"
    step "build server in $dir" "ninja -C $dir" ninja -C "$dir" "$target"
}
