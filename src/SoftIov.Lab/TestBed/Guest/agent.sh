# Runs what arrives on ttyS1 as "RUN ID BASE64" in the background of each other and answers "DONE ID EXITCODE BASE64" lines.
# Output goes through a file, so that what a command leaves running does not hold its answer back.
port=/dev/ttyS1
stty -F $port raw -echo
exec <$port
# The first newline ends what firmware may have left on its console, which this port is too.
echo >$port
echo "READY $(cat /proc/sys/kernel/random/boot_id) $(uname -r)" >$port
while read -r verb id text; do
    [ "$verb" = RUN ] || continue
    (
        printf %s "$text" | base64 -d >"/tmp/command.$id"
        sh "/tmp/command.$id" >"/tmp/output.$id" 2>&1 </dev/null
        code=$?
        {
            flock 9
            { printf 'DONE %s %s ' "$id" $code; base64 -w 0 "/tmp/output.$id"; echo; } >$port
        } 9>/run/agent.lock
        rm -f "/tmp/command.$id" "/tmp/output.$id"
    ) &
done
