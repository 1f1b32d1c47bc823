{{- define "polymq.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "polymq.selector" -}}
app.kubernetes.io/name: polymq
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "polymq.labels" -}}
{{ include "polymq.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "polymq.secret" -}}
{{- .Values.auth.existingSecret | default (printf "%s-admin" (include "polymq.name" .)) -}}
{{- end -}}

{{- define "polymq.config" -}}
{{- $own := dict "data" "/var/lib/polymq" "bind" "0.0.0.0" "security.enabled" true "security.admin-password-file" (printf "/etc/polymq/auth/%s" .Values.auth.passwordKey) -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $own "tls.certificate" "/etc/polymq/tls/tls.crt" -}}
{{- $_ := set $own "tls.key" "/etc/polymq/tls/tls.key" -}}
{{- else -}}
{{- $_ := set $own "security.allow-plaintext" true -}}
{{- end -}}
{{- merge $own .Values.config | toYaml -}}
{{- end -}}

{{- define "polymq.ports" -}}
- {name: nameserver, port: 9876}
- {name: native, port: 10911}
- {name: vip, port: 10909}
- {name: mqtt, port: 1883}
- {name: websocket, port: 8083}
- {name: dashboard, port: 8080}
{{- if .Values.tls.existingSecret }}
- {name: mqtt-tls, port: 8883}
{{- end }}
{{- end -}}
