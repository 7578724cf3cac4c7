#!/usr/bin/env bash
# Runs the whole suite under Node 24.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/node24.sh
npm test
