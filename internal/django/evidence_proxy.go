package django

import (
	"regexp"
	"slices"
	"strings"
)

// proxyPattern finds what ends TLS, or what only something that does sets. The
// alternatives are images and services of compose files, Kubernetes' Ingress,
// load balancers of AWS and their kin, and the headers of nginx.
var proxyPattern = regexp.MustCompile(`(?i)(?:\bimage:\s*["']?(?:[\w.-]+/)*(traefik|caddy|haproxy|nginx-proxy|jwilder/nginx-proxy|swag)\b` +
	`|\bkind:\s*["']?(Ingress|IngressRoute|VirtualService|HTTPRoute|Gateway)\b` +
	`|["'](aws_lb|aws_alb|aws_elb|aws_lb_listener|aws_alb_listener|aws_cloudfront_distribution|aws_apprunner_service|azurerm_application_gateway|google_compute_target_https_proxy|google_cloud_run_service|google_cloud_run_v2_service)["']` +
	`|\bAWS::(ElasticLoadBalancingV2|ElasticLoadBalancing|CloudFront|ElasticBeanstalk)::` +
	`|\b(alb\.ingress\.kubernetes\.io|traefik\.http\.routers|nginx\.ingress\.kubernetes\.io|cert-manager\.io)` +
	`|\b(aws:elbv2:|aws:elb:)` +
	`|\b(X-Forwarded-Proto)\b` +
	`|\b(ssl_certificate|listen\s+(?:\[::\]:)?443|SSLEngine\s+on|SSLCertificateFile|force_https|letsencrypt)\b)`)

// poolPattern finds a pooler between Django and its database.
var poolPattern = regexp.MustCompile(`(?i)\b(pgbouncer|pgcat|pgpool|aws_db_proxy|odyssey|supavisor)`)

// proxies marks what ends TLS before Django and what pools connections.
func (r *reader) proxies() {
	if name := r.proxyByName(); name != "" {
		r.mark(MarkProxy, name, "", 1)
	}
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		for _, m := range proxyPattern.FindAllStringSubmatch(l, -1) {
			for _, group := range m[1:] {
				if group != "" {
					r.mark(MarkProxy, proxyName(group), "", i+1)
				}
			}
		}
		if m := poolPattern.FindStringSubmatch(l); m != nil {
			r.mark(MarkPool, strings.ToLower(m[1]), "", i+1)
		}
	}
}

// proxyByName returns the platform whose router ends TLS, for the files that
// only such platforms read.
func (r *reader) proxyByName() string {
	switch base := r.base(); {
	case base == "procfile" && !strings.Contains(r.path, "/"), base == "app.json":
		return "heroku"
	case base == "fly.toml":
		return "fly.io"
	case strings.HasPrefix(base, "render."):
		return "render"
	case base == "app.yaml" && slices.ContainsFunc(r.lines, func(l string) bool { return strings.HasPrefix(l, "runtime:") }):
		return "app engine"
	case strings.HasPrefix(base, "zappa_settings"), strings.HasPrefix(base, "serverless."):
		return "api gateway"
	case strings.HasPrefix(base, "railway."):
		return "railway"
	}
	return ""
}

// proxyName shortens what was found to what people call it.
func proxyName(found string) string {
	found = strings.ToLower(found)
	switch {
	case strings.Contains(found, "traefik"):
		return "traefik"
	case strings.HasPrefix(found, "sslengine") || found == "sslcertificatefile":
		return "apache"
	case strings.HasPrefix(found, "ssl_") || strings.HasPrefix(found, "listen"):
		return "nginx"
	case found == "x-forwarded-proto":
		return "proxy"
	case strings.HasPrefix(found, "aws") || strings.HasPrefix(found, "elastic") || strings.HasPrefix(found, "alb."):
		return "aws"
	case strings.Contains(found, "ingress") || found == "gateway" || found == "httproute" || found == "virtualservice":
		return "ingress"
	}
	return found
}

// proxyFile reads the configuration of a web server: it counts when it speaks
// TLS or tells Django that something did.
func (r *reader) proxyFile() {
	base := r.base()
	if base == "caddyfile" || slices.Contains(tokensOf(base), "traefik") {
		r.mark(MarkProxy, strings.TrimSuffix(tokensOf(base)[0], "file"), "", 1)
	}
	r.proxies()
	r.variables()
	for i := range r.lines {
		if l, ok := r.line(i); ok && strings.Contains(l, "WSGIScriptAlias") {
			r.mark(MarkServer, "mod_wsgi", "", i+1)
		} else if ok && strings.Contains(l, "uwsgi_pass") {
			r.mark(MarkServer, "uwsgi", "", i+1)
		}
	}
}
