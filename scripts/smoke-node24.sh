#!/usr/bin/env bash
# Under Node 24: builds the service, starts it, sends one email to a local mailbox, and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
# SQLite is compiled for a single email here: its optimization would take most of the time.
export CFLAGS=-O0 CXXFLAGS=-O0
source scripts/node24.sh
npm run --silent build
node scripts/smoke.js
