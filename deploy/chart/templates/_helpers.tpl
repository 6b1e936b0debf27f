{{- define "coalition.labels" -}}
app.kubernetes.io/name: coalition
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "coalition.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "coalition.kafka" -}}
{{- if .Values.trial.enabled -}}
{{ .Release.Name }}-kafka:9092
{{- else -}}
{{ required "set kafka.bootstrap, or trial.enabled for a Kafka of the chart's own" .Values.kafka.bootstrap }}
{{- end -}}
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

{{- define "coalition.podSecurity" -}}
runAsNonRoot: true
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "coalition.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Environment from settings: (list $ settings) */}}
{{- define "coalition.environment" -}}
{{- $root := index . 0 }}{{ $settings := index . 1 -}}
- { name: COALITION_KAFKA, value: {{ include "coalition.kafka" $root | quote }} }
- { name: COALITION_REPLICATION, value: {{ ternary 1 $root.Values.kafka.replication $root.Values.trial.enabled | quote }} }
- { name: COALITION_HTTP_HOST, value: "0.0.0.0" }
- { name: COALITION_HTTP_PORT, value: "8000" }
{{- if $root.Values.trial.enabled }}
- { name: COALITION_KAFKA_INSECURE, value: "true" }
{{- end }}
{{- range $name, $value := $settings }}
- { name: COALITION_{{ $name | upper }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}

{{/* The certificates of whom to trust at Kafka, as a part of env, volumeMounts and volumes. */}}
{{- define "coalition.ca.env" -}}
{{- with .Values.kafka.caSecret }}
- { name: COALITION_KAFKA_CA, value: /run/secrets/kafka/ca.crt }
{{- end }}
{{- end }}
{{- define "coalition.ca.mount" -}}
{{- with .Values.kafka.caSecret }}
- { name: kafka-ca, mountPath: /run/secrets/kafka, readOnly: true }
{{- end }}
{{- end }}
{{- define "coalition.ca.volume" -}}
{{- with .Values.kafka.caSecret }}
- { name: kafka-ca, secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] } }
{{- end }}
{{- end }}

{{- define "coalition.prefix" -}}
{{ .Values.settings.prefix | default "coalition" }}
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
