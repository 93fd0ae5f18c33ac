# shellcheck shell=sh
# For test scripts: . tests/suite.sh, then pass, fail or check per test, and finish at the end.
# The last line of a suite, "N passed, N failed", is what tests/run.sh adds up.
passed=0
failed=0

pass() # name
{
    passed=$((passed + 1))
    [ -z "${VERBOSE:-}" ] || echo "  ok    $1"
}

fail() # name, why
{
    failed=$((failed + 1))
    echo "  FAIL  $1${2:+: $2}"
}

check() # name, command...: passes if the command succeeds; its output is shown if not
{
    name=$1
    shift
    if output=$("$@" 2>&1); then
        pass "$name"
    else
        fail "$name"
        echo "$output" | sed 's/^/        /'
    fi
}

# Its output stays in $work/said.
expect() # name, exit status, pattern (or nothing), command...: both must be as said
{
    name=$1 want=$2 pattern=$3
    shift 3
    status=0
    "$@" >"${work:?}/said" 2>&1 || status=$?
    if [ "$status" -ne "$want" ]; then
        fail "$name" "exit status $status, not $want: $(head -n 3 "$work/said")"
    elif [ -n "$pattern" ] && ! grep -Eq -- "$pattern" "$work/said"; then
        fail "$name" "does not say \"$pattern\": $(head -n 5 "$work/said")"
    else
        pass "$name"
    fi
}

finish()
{
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
