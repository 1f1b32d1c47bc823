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

{{- define "polymq.groupSecret" -}}
{{- .Values.group.existingSecret | default (printf "%s-group" (include "polymq.name" .)) -}}
{{- end -}}

{{- /* The brokers by their names in the headless service and numbers: 1@NAME:10912,2@NAME:10912 */ -}}
{{- define "polymq.nodes" -}}
{{- $name := include "polymq.name" . -}}
{{- $nodes := list -}}
{{- range $ordinal := until (int .Values.replicas) -}}
{{- $nodes = append $nodes (printf "%d@%s-%d.%s-brokers.%s.svc:10912" (add1 $ordinal) $name $ordinal $name $.Release.Namespace) -}}
{{- end -}}
{{- join "," $nodes -}}
{{- end -}}

{{- define "polymq.nameServers" -}}
{{- $name := include "polymq.name" . -}}
{{- $servers := list -}}
{{- range $ordinal := until (int .Values.replicas) -}}
{{- $servers = append $servers (printf "%s-%d.%s-brokers.%s.svc:9876" $name $ordinal $name $.Release.Namespace) -}}
{{- end -}}
{{- join "," $servers -}}
{{- end -}}

{{- define "polymq.config" -}}
{{- $own := dict "data" "/var/lib/polymq" "bind" "0.0.0.0" "security.enabled" true "security.admin-password-file" (printf "/etc/polymq/auth/%s" .Values.auth.passwordKey) -}}
{{- if .Values.tls.existingSecret -}}
{{- $_ := set $own "tls.certificate" "/etc/polymq/tls/tls.crt" -}}
{{- $_ := set $own "tls.key" "/etc/polymq/tls/tls.key" -}}
{{- else -}}
{{- $_ := set $own "security.allow-plaintext" true -}}
{{- end -}}
{{- if .Values.group.enabled -}}
{{- if not (has (int .Values.replicas) (list 1 3 5)) -}}
{{- fail (printf "a group has 1, 3 or 5 brokers: set replicas to one of these, not to %d" (int .Values.replicas)) -}}
{{- end -}}
{{- if and .Values.tls.existingSecret (not .Values.group.tls.existingSecret) -}}
{{- fail "with tls.existingSecret the brokers of a group talk by TLS too: set group.tls.existingSecret to a secret with tls.crt, tls.key and ca.crt" -}}
{{- end -}}
{{- $_ := set $own "broker.name" (.Values.group.name | default (include "polymq.name" .)) -}}
{{- $_ := set $own "cluster.enabled" true -}}
{{- $_ := set $own "cluster.nodes" (include "polymq.nodes" .) -}}
{{- $_ := set $own "nameserver.addresses" (include "polymq.nameServers" .) -}}
{{- if .Values.group.tls.existingSecret -}}
{{- $_ := set $own "cluster.tls-certificate" "/etc/polymq/group-tls/tls.crt" -}}
{{- $_ := set $own "cluster.tls-key" "/etc/polymq/group-tls/tls.key" -}}
{{- $_ := set $own "cluster.tls-ca" "/etc/polymq/group-tls/ca.crt" -}}
{{- end -}}
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

{{- /* What only the brokers use among each other. */ -}}
{{- define "polymq.inner" -}}
{{- if .Values.group.enabled }}
- {name: group, port: 10912}
{{- end }}
{{- end -}}
