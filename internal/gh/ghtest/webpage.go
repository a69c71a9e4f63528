package ghtest

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

// pullPage shows a pull request to a person who looks at the demo. Everything in
// it is text from a repository or a client and is escaped.
var pullPage = template.Must(template.New("pull").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}} · #{{.Number}}</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{white-space:pre-wrap;background:#f6f8fa;padding:.8rem;border-radius:6px;overflow-wrap:anywhere}
.hunk{font-size:13px;border-left:4px solid #d0d7de}h1 small{color:#59636e}
</style></head><body>
<h1>{{.Title}} <small>#{{.Number}}</small></h1>
<p>{{.State}} · {{.Head}} into {{.Base}} · {{.Commit}}</p>
{{range .Runs}}<h2>Check {{.Name}}: {{if .Conclusion}}{{.Conclusion}}{{else}}{{.Status}}{{end}}</h2>
<p><strong>{{.Title}}</strong></p><pre>{{.Summary}}</pre>
{{range .Annotations}}<p>{{.Level}} {{.Path}}:{{.StartLine}} <strong>{{.Title}}</strong></p><pre>{{.Message}}</pre>{{end}}{{end}}
{{range .Threads}}<h2>{{.Path}}{{if .Line}}:{{.Line}}{{end}}{{if .Outdated}} (outdated){{end}}{{if .Resolved}} (resolved){{end}}</h2>
<pre class="hunk">{{.Hunk}}</pre>{{range .Comments}}<p><strong>{{.Author}}</strong></p><pre>{{.Body}}</pre>{{end}}{{end}}
{{range .Conversation}}<h2>{{.Author}}</h2><pre>{{.Body}}</pre>{{end}}
</body></html>
`))

type pageThread struct {
	Path               string
	Line               int
	Outdated, Resolved bool
	Hunk               string
	Comments           []Comment
}

// servePage answers a browser's request for a pull request.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) bool {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method != http.MethodGet || len(parts) != 4 || parts[2] != "pull" {
		return false
	}
	number, err := strconv.Atoi(parts[3])
	if err != nil {
		return false
	}
	page, found, err := s.renderPage(parts[0], parts[1], number)
	switch {
	case err != nil:
		s.violation("showing %s: %v", r.URL.Path, err)
		http.Error(w, "ghtest: the page cannot be shown", http.StatusInternalServerError)
	case !found:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		if _, err := w.Write(page); err != nil {
			s.log.Debug("showing a page", "error", err)
		}
	}
	return true
}

func (s *Server) renderPage(owner, name string, number int) (page []byte, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.names[key(owner, name)]
	if r == nil || r.pulls[number] == nil {
		return nil, false, nil
	}
	p := r.pulls[number]
	var runs []CheckRun
	for _, run := range r.newestFirst(p.headSHA) {
		runs = append(runs, run.view())
	}
	var threads []pageThread
	for _, t := range p.threads {
		root := t.comments[0]
		shown := pageThread{Path: root.path, Line: root.line, Outdated: root.outdated, Resolved: t.resolved, Hunk: root.hunk}
		for _, c := range t.comments {
			shown.Comments = append(shown.Comments, c.view())
		}
		threads = append(threads, shown)
	}
	var conversation []ConversationComment
	for _, c := range p.issueComments() {
		conversation = append(conversation, c.view())
	}
	var b bytes.Buffer
	err = pullPage.Execute(&b, map[string]any{
		"Title": p.title, "Number": p.number, "State": p.state, "Head": p.headOwner.login + ":" + p.headRef, "Base": p.baseRef,
		"Commit": p.headSHA, "Runs": runs, "Threads": threads, "Conversation": conversation,
	})
	return b.Bytes(), true, err
}
