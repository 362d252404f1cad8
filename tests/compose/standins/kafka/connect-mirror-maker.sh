#!/usr/bin/env bash
# As the script of that name in the image reads its environment; there, the jars of both are in one folder.
set -euo pipefail
mkdir -p "${LOG_DIR:-/opt/kafka/logs}"
: "${KAFKA_HEAP_OPTS:=-Xms256M -Xmx2G}" "${KAFKA_LOG4J_OPTS:=}" "${KAFKA_JVM_PERFORMANCE_OPTS:=-server -XX:+UseG1GC}"
exec java $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_LOG4J_OPTS -cp '/opt/kafka/mirror-libs/*' \
  org.apache.kafka.connect.mirror.MirrorMaker "$@"
