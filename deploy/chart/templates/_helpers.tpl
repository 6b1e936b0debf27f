{{- define "coalition.labels" -}}
app.kubernetes.io/name: coalition
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* Labels of a component: (list $ name) */}}
{{- define "coalition.component" -}}
app.kubernetes.io/component: {{ index . 1 }}
{{ include "coalition.labels" (index . 0) }}
{{- end }}

{{/* What selects a component's pods: (list $ name) */}}
{{- define "coalition.match" -}}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "coalition.prefix" -}}
{{ .Values.settings.prefix | default "coalition" }}
{{- end }}

{{- define "coalition.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Where Kafka is, by a name that also holds in other namespaces: KEDA asks from its own. */}}
{{- define "coalition.kafka" -}}
{{- if .Values.trial.enabled -}}
{{ .Release.Name }}-kafka.{{ .Release.Namespace }}.svc:9092
{{- else if and .Values.strimzi.enabled (not .Values.kafka.bootstrap) -}}
{{ .Values.strimzi.cluster }}-kafka-bootstrap.{{ .Release.Namespace }}.svc:9093
{{- else -}}
{{ required "set kafka.bootstrap, or trial.enabled for a Kafka of the chart's own" .Values.kafka.bootstrap }}
{{- end -}}
{{- end }}

{{- define "coalition.kafkaPort" -}}
{{ ternary 9093 .Values.kafka.port (and .Values.strimzi.enabled (not .Values.kafka.bootstrap)) }}
{{- end }}

{{/* "true" where each service logs in at Kafka. */}}
{{- define "coalition.login" -}}
{{- if and (or .Values.kafka.users .Values.strimzi.enabled) (not .Values.trial.enabled) }}true{{ end -}}
{{- end }}

{{/* The Secret of a service: (list $ name service) */}}
{{- define "coalition.secret" -}}
{{- $root := index . 0 }}{{ $name := index . 1 }}{{ $service := index . 2 -}}
{{- if $root.Values.trial.enabled -}}
{{ $root.Release.Name }}-{{ $name }}
{{- else -}}
{{ required (printf "set services.%s.secret to a Secret with the keys mongodb and token" $name) $service.secret }}
{{- end -}}
{{- end }}

{{/* The Secret of the operator, or of who restores: (list $ "operator") */}}
{{- define "coalition.toolSecret" -}}
{{- $root := index . 0 }}{{ $name := index . 1 -}}
{{- if $root.Values.trial.enabled -}}
{{ $root.Release.Name }}-{{ $name }}
{{- else -}}
{{ required (printf "set %s.secret to a Secret with the key mongodb" $name) (index $root.Values $name).secret }}
{{- end -}}
{{- end }}

{{/* What every pod of ours has: (list $ user) */}}
{{- define "coalition.pod" -}}
{{- $root := index . 0 }}{{ $user := index . 1 -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What every container has. */}}
{{- define "coalition.container" -}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Where Kafka is, for a service and for the command line. */}}
{{- define "coalition.kafkaEnvironment" -}}
- { name: COALITION_KAFKA, value: {{ include "coalition.kafka" . | quote }} }
- { name: COALITION_PARTITIONS, value: {{ .Values.kafka.partitions | quote }} }
{{- if .Values.trial.enabled }}
- { name: COALITION_KAFKA_INSECURE, value: "true" }
{{- end }}
{{- if include "coalition.ca" . }}
- { name: COALITION_KAFKA_CA, value: /run/secrets/kafka-ca/ca.crt }
{{- end }}
{{- end }}

{{/* Environment from settings; later ones win: (list $ settings more) */}}
{{- define "coalition.settings" -}}
{{- range $name, $value := mergeOverwrite (dict) (index . 1) (index . 2) }}
- { name: COALITION_{{ $name | upper }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}

{{/* Who logs in at Kafka: (list $ user secret), the user where it has a KafkaUser of Strimzi's. */}}
{{- define "coalition.loginEnvironment" -}}
{{- $root := index . 0 }}
{{- if include "coalition.login" $root }}
{{- if $root.Values.strimzi.enabled }}
- { name: COALITION_KAFKA_USERNAME, value: {{ include "coalition.prefix" $root }}.{{ index . 1 }} }
{{- else }}
- name: COALITION_KAFKA_USERNAME
  valueFrom: { secretKeyRef: { name: {{ index . 2 }}, key: kafka-username } }
{{- end }}
- { name: COALITION_KAFKA_PASSWORD_FILE, value: /run/secrets/coalition/kafka-password }
{{- end }}
{{- end }}

{{/* All environment of a service, and of the doctor before it: (list $ name service) */}}
{{- define "coalition.serviceEnvironment" -}}
{{- $root := index . 0 }}{{ $name := index . 1 }}{{ $service := index . 2 -}}
{{- $mail := dict }}
{{- if and $root.Values.trial.enabled (eq $name "notifications") }}
{{- $mail = dict "smtp_host" (printf "%s-mail" $root.Release.Name) "smtp_port" 1025 }}
{{- end }}
{{- include "coalition.kafkaEnvironment" $root }}
- { name: COALITION_REPLICATION, value: {{ ternary 1 $root.Values.kafka.replication $root.Values.trial.enabled | quote }} }
- { name: COALITION_HTTP_HOST, value: "0.0.0.0" }
- { name: COALITION_HTTP_PORT, value: "8000" }
- { name: COALITION_DATABASE, value: coalition_{{ $name }} }
- { name: COALITION_MONGODB_FILE, value: /run/secrets/coalition/mongodb }
- { name: COALITION_TOKEN_FILE, value: /run/secrets/coalition/token }
{{- $signs := or $service.settings.public_url $root.Values.settings.public_url $service.settings.mail_bounce_address $root.Values.settings.mail_bounce_address }}
{{- if and (eq $name "notifications") (or $root.Values.trial.enabled $signs) }}
- { name: COALITION_LINK_KEYS_FILE, value: /run/secrets/coalition/link-keys }
{{- end }}
{{- include "coalition.loginEnvironment" (list $root $name (include "coalition.secret" .)) }}
{{- include "coalition.settings" (list $root (mergeOverwrite (deepCopy $mail) $root.Values.settings) $service.settings) }}
{{- end }}

{{/* How long a pod of a service may take to end: its own stop_seconds, and what is around: (list $ service) */}}
{{- define "coalition.graceSeconds" -}}
{{- $settings := mergeOverwrite (dict) (index . 0).Values.settings (index . 1).settings -}}
{{ add 15 ($settings.stop_seconds | default 30 | float64 | ceil | int) }}
{{- end }}

{{/* All environment of the command line: (list $ "operator") or (list $ "restore"). With Strimzi both
     log in as the operator, who alone has a KafkaUser and may read all topics. */}}
{{- define "coalition.toolEnvironment" -}}
{{- $root := index . 0 }}{{ $name := index . 1 -}}
{{- include "coalition.kafkaEnvironment" $root }}
- { name: COALITION_DIRECTORY, value: /tmp }
- { name: COALITION_MONGODB_FILE, value: /run/secrets/coalition/mongodb }
{{- if eq $name "operator" }}
- { name: COALITION_TOKEN_FILE, value: /run/secrets/coalition/token }
{{- range $service, $_ := $root.Values.services }}
- { name: COALITION_{{ $service | upper }}_URL, value: "http://{{ $root.Release.Name }}-{{ $service }}:8000" }
{{- end }}
{{- end }}
{{- if $root.Values.trial.enabled }}
- { name: COALITION_MAILPIT_URL, value: "http://{{ $root.Release.Name }}-mail:8025" }
{{- end }}
{{- include "coalition.loginEnvironment" (list $root "operator" (include "coalition.toolSecret" .)) }}
{{- include "coalition.settings" (list $root $root.Values.settings dict) }}
{{- end }}

{{/* Whom to trust at Kafka: a Secret with ca.crt, or nothing where the system's certificates do. */}}
{{- define "coalition.ca" -}}
{{- if and .Values.strimzi.enabled (not .Values.kafka.caSecret) -}}
{{ .Values.strimzi.cluster }}-cluster-ca-cert
{{- else -}}
{{ .Values.kafka.caSecret }}
{{- end -}}
{{- end }}

{{- define "coalition.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: secrets, mountPath: /run/secrets/coalition, readOnly: true }
{{- if include "coalition.ca" . }}
- { name: kafka-ca, mountPath: /run/secrets/kafka-ca, readOnly: true }
{{- end }}
{{- end }}

{{/* The volumes of these: (list $ secret user), the user where it has a KafkaUser of Strimzi's. */}}
{{- define "coalition.volumes" -}}
{{- $root := index . 0 -}}
- name: tmp
  emptyDir: { medium: Memory, sizeLimit: 16Mi }
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret: { name: {{ index . 1 }} }
      {{- if and $root.Values.strimzi.enabled (index . 2) }}
      - secret:
          name: {{ include "coalition.prefix" $root }}.{{ index . 2 }}
          items: [{ key: password, path: kafka-password }]
      {{- end }}
{{- include "coalition.caVolume" $root }}
{{- end }}

{{- define "coalition.caVolume" -}}
{{- with include "coalition.ca" . }}
- name: kafka-ca
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}

{{/* The volume of backups may be on one node only, and the operator's pod has it. */}}
{{- define "coalition.besideOperator" -}}
{{- if .Values.operator.enabled -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "coalition.match" (list $ "operator") | nindent 12 }}
{{- end -}}
{{- end }}
