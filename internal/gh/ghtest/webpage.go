package ghtest

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// style is shared by the pages. Everything on them is text from a repository or
// a client and is escaped.
const style = `<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
pre{white-space:pre-wrap;background:#f6f8fa;padding:.8rem;border-radius:6px;overflow-wrap:anywhere}
code{background:#eff1f3;padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
.box{border:1px solid #d0d7de;border-radius:6px;padding:.2rem 1rem;margin:.5rem 0 1.5rem}
.hunk{font-size:13px;border-left:4px solid #d0d7de;margin-bottom:0}
.line{display:block}.line:target,.thread:target{background:#fff8c5}
td{border:1px solid #d0d7de;padding:.2rem .8rem}table{border-collapse:collapse}
h1 small,.note{color:#59636e}</style>`

// pullPage shows a pull request to a person who looks at the demo.
var pullPage = template.Must(template.New("pull").Funcs(template.FuncMap{"markdown": markdown}).Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}} · #{{.Number}}</title>` + style + `</head><body>
<h1>{{.Title}} <small>#{{.Number}}</small></h1>
<p class="note">{{.State}} · {{.Head}} into {{.Base}} · {{.Commit}}</p>
{{range .Runs}}<h2>Check {{.Name}}: {{if .Conclusion}}{{.Conclusion}}{{else}}{{.Status}}{{end}}</h2>
<p><strong>{{.Title}}</strong></p><div class="box">{{markdown .Summary}}</div>
{{range .Annotations}}<p>{{.Level}} {{.Path}}:{{.StartLine}} <strong>{{.Title}}</strong></p><pre>{{.Message}}</pre>{{end}}{{end}}
{{range .Threads}}<h2>{{.Path}}{{if .Line}}:{{.Line}}{{end}}{{if .Outdated}} (outdated){{end}}{{if .Resolved}} (resolved){{end}}</h2>
{{if .Hunk}}<pre class="hunk">{{.Hunk}}</pre>{{end}}
{{range .Comments}}<div class="box thread" id="discussion_r{{.ID}}"><p class="note">{{.Author}}</p>{{markdown .Body}}</div>{{end}}{{end}}
{{range .Conversation}}<h2>{{.Author}}</h2><div class="box">{{markdown .Body}}</div>{{end}}
</body></html>
`))

// filePage shows a file at a commit: where the links of a comment lead.
var filePage = template.Must(template.New("file").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Path}}</title>` + style + `</head><body>
<h1>{{.Path}} <small>{{.Commit}}</small></h1>
<pre>{{range .Lines}}<span class="line" id="L{{.Number}}">{{.Number}}  {{.Text}}</span>{{end}}</pre>
</body></html>
`))

// listPage leads to the pull requests.
var listPage = template.Must(template.New("list").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Pull requests</title>` + style + `</head><body>
<h1>Pull requests</h1>
<ul>{{range .}}<li><a href="{{.URL}}">{{.Name}}#{{.Number}}</a> {{.Title}} ({{.State}})</li>{{end}}</ul>
</body></html>
`))

type pageThread struct {
	Path               string
	Line               int
	Outdated, Resolved bool
	Hunk               string
	Comments           []Comment
}

// servePage answers a browser: the list of pull requests, one of them, or a
// file at a commit.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 5)
	var page []byte
	var found bool
	var err error
	switch {
	case r.URL.Path == "/":
		page, err = s.renderList()
		found = true
	case len(parts) == 4 && parts[2] == "pull":
		number, invalid := strconv.Atoi(parts[3])
		if invalid != nil {
			return false
		}
		page, found, err = s.renderPage(parts[0], parts[1], number)
	case len(parts) == 5 && parts[2] == "blob" && commitID.MatchString(parts[3]):
		page, found, err = s.renderFile(parts[0], parts[1], parts[3], parts[4])
	default:
		return false
	}
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

var commitID = regexp.MustCompile(`^[0-9a-f]{40}$`)

func (s *Server) renderList() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type item struct {
		Name, URL, Title, State string
		Number                  int
	}
	var items []item
	for known, r := range s.names {
		if known != key(r.owner.login, r.name) {
			continue // a name it had before
		}
		for number, p := range r.pulls {
			name := r.fullName()
			items = append(items, item{name, fmt.Sprintf("/%s/pull/%d", name, number), p.title, p.state, number})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Number, b.Number)) })
	var b bytes.Buffer
	err := listPage.Execute(&b, items)
	return b.Bytes(), err
}

func (s *Server) renderFile(owner, name, commit, path string) (page []byte, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.names[key(owner, name)]
	if r == nil {
		return nil, false, nil
	}
	content, err := s.git(r.gitDir, nil, "cat-file", "blob", commit+":"+path)
	if err != nil {
		s.log.Debug("showing a file", "path", path, "error", err)
		return nil, false, nil
	}
	type line struct {
		Number int
		Text   string
	}
	var lines []line
	for text := range strings.SplitSeq(strings.TrimSuffix(string(content), "\n"), "\n") {
		lines = append(lines, line{len(lines) + 1, text})
	}
	var b bytes.Buffer
	err = filePage.Execute(&b, map[string]any{"Path": path, "Commit": commit, "Lines": lines})
	return b.Bytes(), true, err
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
