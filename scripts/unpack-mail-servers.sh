#!/usr/bin/env bash
# Unpacks Postfix, Dovecot and Exim from Debian's packages for the tests, without installing them: the packages conflict, and
# installed ones would be started and listen on port 25. Only the libraries that they need are installed.
# usage: unpack-mail-servers.sh <folder>
set -euo pipefail
folder=$1
packages=(postfix dovecot-core exim4-base exim4-daemon-light libnss-wrapper)

[ -e "$folder/usr/sbin/exim4" ] && exit 0
apt-get update -qq
libraries=$(apt-cache depends --important "${packages[@]}" | sed -n 's/^  Depends: \(lib[^<>]*\)$/\1/p' | sort -u)
# shellcheck disable=SC2086 -- one word for each
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-upgrade $libraries >/dev/null

mkdir -p "$(dirname "$folder")"
unpacked=$(mktemp -d "$folder.XXXXXX")
chmod 755 "$unpacked"
(cd "$unpacked" && apt-get download -qq "${packages[@]}" && for package in *.deb; do dpkg -x "$package" .; done && rm -- *.deb)
# Another process may have been faster.
mv -T "$unpacked" "$folder" 2>/dev/null || rm -rf "$unpacked"
[ -e "$folder/usr/sbin/exim4" ]
