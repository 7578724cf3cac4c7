#!/usr/bin/env bash
# Under Node 24: builds the service, starts it, sends one email to a local mailbox, and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
# No optimization: compiling SQLite would take most of the time, and this sends a single email.
export CFLAGS=-O0 CXXFLAGS=-O0
source scripts/node24.sh
npm run --silent build
node scripts/smoke.js
