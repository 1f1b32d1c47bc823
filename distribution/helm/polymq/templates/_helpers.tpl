{{- define "polymq.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "polymq.selector" -}}
app.kubernetes.io/name: polymq
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* Gateways have another name, so that nothing that is meant for brokers finds them. */ -}}
{{- define "polymq.gatewaySelector" -}}
app.kubernetes.io/name: polymq-gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "polymq.labels" -}}
{{ include "polymq.selector" . }}
{{ include "polymq.commonLabels" . }}
{{- end -}}

{{- define "polymq.gatewayLabels" -}}
{{ include "polymq.gatewaySelector" . }}
{{ include "polymq.commonLabels" . }}
{{- end -}}

{{- define "polymq.commonLabels" -}}
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

{{- /* What brokers and gateways have alike: where they listen, and TLS. */ -}}
{{- define "polymq.listening" -}}
bind: 0.0.0.0
security.enabled: true
{{- if .Values.tls.existingSecret }}
tls.certificate: /etc/polymq/tls/tls.crt
tls.key: /etc/polymq/tls/tls.key
{{- else }}
security.allow-plaintext: true
{{- end }}
{{- end -}}

{{- /* What all processes of a group or cluster have alike. */ -}}
{{- define "polymq.cluster" -}}
{{- if not (has (int .Values.replicas) (list 1 3 5)) -}}
{{- fail (printf "a group has 1, 3 or 5 brokers: set replicas to one of these, not to %d" (int .Values.replicas)) -}}
{{- end -}}
{{- if and .Values.tls.existingSecret (not .Values.group.tls.existingSecret) -}}
{{- fail "with tls.existingSecret the brokers of a group talk by TLS too: set group.tls.existingSecret to a secret with tls.crt, tls.key and ca.crt" -}}
{{- end -}}
cluster.enabled: true
cluster.nodes: {{ include "polymq.nodes" . }}
{{- if .Values.group.tls.existingSecret }}
cluster.tls-certificate: /etc/polymq/group-tls/tls.crt
cluster.tls-key: /etc/polymq/group-tls/tls.key
cluster.tls-ca: /etc/polymq/group-tls/ca.crt
{{- end }}
{{- if .Values.group.names }}
{{- if .Values.group.name -}}
{{- fail "group.names names all groups: leave group.name out" -}}
{{- end }}
cluster.groups: {{ join "," .Values.group.names | quote }}
{{- if not (hasKey .Values.config "cluster.grid") }}
{{- if .Values.group.networkPolicy }}
cluster.grid: private
{{- else if .Values.tls.existingSecret }}
{{- fail "without group.networkPolicy others may reach the grid's port, which has no TLS: set cluster.grid in config to private if they cannot, or to \"off\"" -}}
{{- end }}
{{- end }}
{{- else }}
broker.name: {{ .Values.group.name | default (include "polymq.name" .) | quote }}
{{- end }}
{{- end -}}

{{- define "polymq.config" -}}
{{- $own := include "polymq.listening" . | fromYaml -}}
{{- $_ := set $own "data" "/var/lib/polymq" -}}
{{- $_ := set $own "security.admin-password-file" (printf "/etc/polymq/auth/%s" .Values.auth.passwordKey) -}}
{{- if .Values.group.enabled -}}
{{- $own = merge $own (include "polymq.cluster" . | fromYaml) -}}
{{- $_ := set $own "nameserver.addresses" (include "polymq.nameServers" .) -}}
{{- end -}}
{{- merge $own .Values.config | toYaml -}}
{{- end -}}

{{- define "polymq.gatewayConfig" -}}
{{- if not (and .Values.group.enabled .Values.group.names) -}}
{{- fail "gateways serve the groups of a cluster: set group.enabled and group.names" -}}
{{- end -}}
{{- $own := merge (include "polymq.listening" . | fromYaml) (include "polymq.cluster" . | fromYaml) -}}
{{- $_ := set $own "cluster.role" "gateway" -}}
{{- merge $own .Values.config | toYaml -}}
{{- end -}}

{{- /* What clients come to in any case. */ -}}
{{- define "polymq.clientPorts" -}}
- {name: native, port: 10911}
- {name: mqtt, port: 1883}
- {name: websocket, port: 8083}
- {name: dashboard, port: 8080}
{{- if .Values.tls.existingSecret }}
- {name: mqtt-tls, port: 8883}
{{- end }}
{{- end -}}

{{- /* Of a broker: each further group's are 10 above those of the one before. */ -}}
{{- define "polymq.ports" -}}
- {name: nameserver, port: 9876}
- {name: vip, port: 10909}
{{ include "polymq.clientPorts" . }}
{{- if .Values.group.enabled }}
{{- range $slot, $name := .Values.group.names }}
{{- if $slot }}
- {name: native-{{ $slot }}, port: {{ add 10911 (mul 10 $slot) }}}
- {name: vip-{{ $slot }}, port: {{ add 10909 (mul 10 $slot) }}}
- {name: dashboard-{{ $slot }}, port: {{ add 8080 (mul 10 $slot) }}}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* What only the brokers and gateways use among each other. */ -}}
{{- define "polymq.inner" -}}
{{- if .Values.group.enabled }}
- {name: group, port: 10912}
{{- range $slot, $name := .Values.group.names }}
{{- if $slot }}
- {name: group-{{ $slot }}, port: {{ add 10912 (mul 10 $slot) }}}
{{- end }}
{{- end }}
{{- if .Values.group.names }}
{{ include "polymq.grid" . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "polymq.grid" -}}
- {name: grid, port: 5701}
{{- end -}}

{{- /* Who reaches the inner ports. */ -}}
{{- define "polymq.peers" -}}
- podSelector:
    matchLabels: {{- include "polymq.selector" . | nindent 6 }}
{{- if .Values.gateway.enabled }}
- podSelector:
    matchLabels: {{- include "polymq.gatewaySelector" . | nindent 6 }}
{{- end }}
{{- end -}}

{{- /* Of a pod: who it runs as, and where. Takes a dict of root and the selector of its kind. */ -}}
{{- define "polymq.pod" -}}
automountServiceAccountToken: false
# Variables such as POLYMQ_MQTT_PORT, which Kubernetes would make of services, would be taken for configuration.
enableServiceLinks: false
serviceAccountName: {{ include "polymq.name" .root }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- if ne .root.Values.antiAffinity "none" }}
affinity:
  podAntiAffinity:
    {{- if eq .root.Values.antiAffinity "hard" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- .selector | nindent 12 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- .selector | nindent 14 }}
    {{- end }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Of a container: the image, how it is stopped and watched, and what it may do. */ -}}
{{- define "polymq.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
# Before it lets its clients go: no new ones are sent to it any more.
lifecycle:
  preStop:
    exec:
      command: [/bin/sleep, "5"]
# Recovery after a crash may take a while: until it is through, only this probe is asked.
startupProbe:
  {{- include "polymq.health" (dict "root" . "path" "live") | nindent 2 }}
  periodSeconds: 2
  failureThreshold: 300
livenessProbe:
  {{- include "polymq.health" (dict "root" . "path" "live") | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  {{- include "polymq.health" (dict "root" . "path" "ready") | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 3
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
{{- end -}}

{{- define "polymq.health" -}}
httpGet:
  path: /health/{{ .path }}
  port: dashboard
  {{- if .root.Values.tls.existingSecret }}
  scheme: HTTPS
  {{- end }}
{{- end -}}

{{- define "polymq.podAnnotations" -}}
prometheus.io/port: "8080"
prometheus.io/path: /metrics
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
