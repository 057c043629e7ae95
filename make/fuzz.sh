#!/usr/bin/env bash
# Runs the fuzz targets that are named for FUZZ_SECONDS each, with libFuzzer's FUZZ_FLAGS, and says what each did; ends
# with an error at the first finding. Called by `make fuzz`, which sets what is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${FUZZ_SECONDS:?}" "${FUZZ_CORPUS:?}" "${FUZZ_BINARIES:?}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# wasmtime turns faults of the guest's code into traps by signals of its own.
export ASAN_OPTIONS="detect_odr_violation=0:allow_user_segv_handler=1:handle_segv=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
read -ra flags <<<"${FUZZ_FLAGS:-}"
total=0
for target in "$@"; do
  mkdir -p "$FUZZ_CORPUS/$target" fuzz/artifacts
  if ! "$FUZZ_BINARIES/$target" "$FUZZ_CORPUS/$target" "fuzz/seeds/$target" -max_total_time="$FUZZ_SECONDS" \
    -timeout=20 -rss_limit_mb=4096 -dict=fuzz/seeds/json.dict -artifact_prefix="fuzz/artifacts/$target-" \
    -print_final_stats=1 "${flags[@]}" >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "fuzz: $target found something: the input is in fuzz/artifacts/$target-*"
    exit 1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  paths=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  echo "fuzz: $target: $runs executions, $paths places in the code"
  total=$((total + runs))
done
echo "fuzz: $# targets, $total executions, nothing found"
