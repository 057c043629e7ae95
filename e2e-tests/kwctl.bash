# What the suites policies/*/e2e.bats share: one request to a policy through `kwctl run`, and what may be said of the answer.

# The annotated module of a policy, as `make policies` builds it.
use_policy() {
  policy="$BATS_TEST_DIRNAME/../../dist/$1.wasm"
  if [ ! -f "$policy" ]; then
    echo "dist/$1.wasm is missing: run \`make policies\`"
    return 1
  fi
}

# create OBJECT SETTINGS
create() {
  judge CREATE "$1" null "$2"
}

# delete OBJECT SETTINGS
delete() {
  judge DELETE null "$1" "$2"
}

# judge OPERATION OBJECT OLD_OBJECT SETTINGS: what the API server sends, to the policy
judge() {
  local kind='{"group": "", "version": "v1", "kind": "Pod"}'
  local resource='{"group": "", "version": "v1", "resource": "pods"}'
  if [[ "$2$3" == *'"kind":"Deployment"'* ]]; then
    kind='{"group": "apps", "version": "v1", "kind": "Deployment"}'
    resource='{"group": "apps", "version": "v1", "resource": "deployments"}'
  fi
  cat >"$BATS_TEST_TMPDIR/request.json" <<REQUEST
{
  "uid": "00000000-0000-0000-0000-000000000000",
  "kind": $kind, "requestKind": $kind,
  "resource": $resource, "requestResource": $resource,
  "name": "web", "namespace": "shop", "operation": "$1",
  "userInfo": {"username": "e2e", "groups": ["system:authenticated"]},
  "object": $2, "oldObject": $3, "dryRun": false
}
REQUEST
  run kwctl run "$policy" --request-path "$BATS_TEST_TMPDIR/request.json" --settings-json "$4"
  # Shown if the test fails.
  echo "exit code $status: $output"
}

is_accepted() {
  [ "$status" -eq 0 ] && [[ "$output" == *'"allowed":true'* ]]
}

is_refused() {
  [ "$status" -eq 0 ] && [[ "$output" == *'"allowed":false'* ]] && [[ "$output" != *'"patch"'* ]]
}

# Neither changed nor commented on.
is_silent() {
  [[ "$output" != *'"patch"'* ]] && [[ "$output" != *'"message"'* ]] && [[ "$output" == *'"warnings":null'* ]]
}

is_repaired() {
  [[ "$output" == *'"patchType":"JSONPatch"'* ]]
}

# says TEXT, as it stands in JSON
says() {
  [[ "$output" == *"$1"* ]]
}

# settings_are_refused TEXT
settings_are_refused() {
  [ "$status" -ne 0 ] && [[ "$output" == *"Provided settings are not valid"* ]] && says "$1"
}
