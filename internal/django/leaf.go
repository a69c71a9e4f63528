package django

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// maxLeaves bounds how many leaves a tree has; a repository of twenty services
// with four each stays below.
const maxLeaves = 200

// findLeaves finds the settings modules that processes load.
func (p *Project) findLeaves(ctx context.Context) error {
	claims := p.evidenceClaims()
	more, err := p.pythonClaims(ctx)
	if err != nil {
		return err
	}
	claims = append(claims, more...)
	for _, name := range p.options.Settings {
		module, class, _ := strings.Cut(name, ":")
		claims = append(claims, claim{kind: claimConfigured, stage: StageProduction, module: module, class: class,
			reason: Reason{Text: "the configuration of lintel names it"}})
	}
	for _, c := range claims {
		if c.kind == claimServed && c.module != "" && (c.stage == "" || c.stage == StageProduction) {
			p.served = append(p.served, c)
		}
	}
	candidates := p.claimed(claims)
	chosen := p.chosen(claims)
	var settings map[string]*settingsModule
	if len(claims) > 0 || p.usesDjango() {
		if settings, err = p.findSettings(ctx); err != nil {
			return err
		}
	}
	p.withContent(candidates, settings)
	for _, c := range candidates {
		if cl, ok := chosen[path.Dir(c.path)]; ok && c.nature == StageProduction {
			c.add(cl)
		}
	}
	p.closeBases(candidates, settings)
	list := slices.SortedFunc(maps.Values(candidates), func(a, b *candidate) int { return strings.Compare(a.path, b.path) })
	list = p.dropBases(list)
	list, err = p.withClasses(ctx, list, claims)
	if err != nil {
		return err
	}
	groups := make(map[string][]*candidate)
	for _, c := range list {
		groups[c.root] = append(groups[c.root], c)
	}
	for _, group := range groups {
		judge(group)
	}
	promote(groups)
	p.heedConfiguration(list)
	for _, c := range list {
		if len(p.leaves) < maxLeaves {
			p.leaves = append(p.leaves, c.leaf())
		}
	}
	slices.SortFunc(p.leaves, func(a, b *Leaf) int {
		return cmp.Or(strings.Compare(a.Identity(), b.Identity()), strings.Compare(a.Path, b.Path))
	})
	return nil
}

// claimed returns a candidate for each module that a claim names and that is in
// the tree, by path.
func (p *Project) claimed(claims []claim) map[string]*candidate {
	candidates := make(map[string]*candidate)
	for _, c := range claims {
		name := c.module
		if name == "" || strings.HasSuffix(name, ".*") {
			continue
		}
		root, file, ok := p.modules.locate(name, c.reason.Path)
		if ok && !p.excluded(file) {
			p.candidate(candidates, root, file).add(c)
		}
	}
	return candidates
}

// chosen returns the claims that name a package of which the environment chooses
// a member, by the package's folder.
func (p *Project) chosen(claims []claim) map[string]claim {
	folders := make(map[string]claim)
	for _, c := range claims {
		name, ok := strings.CutSuffix(c.module, ".*")
		if !ok {
			continue
		}
		for _, root := range p.modules.roots {
			folder := path.Join(root, strings.ReplaceAll(name, ".", "/"))
			if _, seen := folders[folder]; !seen && p.modules.folders[folder] && holds(root, path.Dir(c.reason.Path)) {
				folders[folder] = c
				break
			}
		}
	}
	return folders
}

// candidate returns the candidate at path, new or not.
func (p *Project) candidate(candidates map[string]*candidate, root, file string) *candidate {
	if c := candidates[file]; c != nil {
		return c
	}
	module := moduleName(root, file)
	c := &candidate{root: root, path: file, module: module, nature: natureOf(module), place: p.place(root, file)}
	candidates[file] = c
	return c
}

// add adds a claim.
func (c *candidate) add(cl claim) {
	for _, have := range c.claims {
		if have.kind == cl.kind && have.reason == cl.reason {
			return
		}
	}
	if cl.reason.Path == "" {
		cl.reason.Path = c.path
	}
	c.claims = append(c.claims, cl)
}

// withContent adds candidates for the modules that look like settings.
func (p *Project) withContent(candidates map[string]*candidate, settings map[string]*settingsModule) {
	for _, file := range slices.Sorted(maps.Keys(settings)) {
		m := settings[file]
		c := p.candidate(candidates, m.root, file)
		c.settings = m
	}
	for file, c := range candidates {
		if c.settings == nil {
			c.settings = &settingsModule{path: file, root: c.root, module: c.module, known: p.knownSettings(file)}
			p.importsOf(c.settings)
		}
	}
}

// closeBases finds what each candidate is built on, all the way.
func (p *Project) closeBases(candidates map[string]*candidate, settings map[string]*settingsModule) {
	// What a module takes over may be too small to look like settings.
	small := make(map[string]*settingsModule)
	imported := func(file string) []string {
		if m := settings[file]; m != nil {
			return slices.Concat(m.stars, m.others, m.includes)
		}
		if c := candidates[file]; c != nil {
			return slices.Concat(c.settings.stars, c.settings.others, c.settings.includes)
		}
		m := small[file]
		if m == nil && len(small) < maxSettingsModules {
			m = &settingsModule{path: file, root: p.modules.rootOf(file)}
			m.module = moduleName(m.root, file)
			p.importsOf(m)
			small[file] = m
		}
		if m == nil {
			return nil
		}
		return slices.Concat(m.stars, m.includes)
	}
	for _, c := range candidates {
		c.bases = make(map[string]bool)
		queue := imported(c.path)
		for len(queue) > 0 {
			next := queue[0]
			queue = queue[1:]
			if next == c.path || c.bases[next] {
				continue
			}
			c.bases[next] = true
			queue = append(queue, imported(next)...)
		}
		c.sets = make(map[string]bool)
		for _, file := range append(slices.Collect(maps.Keys(c.bases)), c.path) {
			for _, r := range p.knownSettings(file) {
				c.sets[r.Name] = true
			}
		}
	}
}

// dropBases drops the candidates that only others are built on: nothing names
// them, and neither do their names say where they are loaded.
func (p *Project) dropBases(list []*candidate) []*candidate {
	var kept []*candidate
	for _, c := range list {
		switch {
		case !importable(strings.TrimPrefix(strings.TrimSuffix(c.path, ".py"), strings.TrimPrefix(c.root+"/", "./"))):
		case p.empty(c.path) && !c.configured():
		case len(c.claims) > 0, c.settings.signs() && !c.isBase(list):
			kept = append(kept, c)
		}
	}
	return kept
}

// empty reports whether a file was read and has nothing in it: other files are
// put beside it, or it is a package's __init__.py and no more.
func (p *Project) empty(file string) bool {
	s, ok := p.source.Summary(file)
	return ok && len(s.Imports) == 0 && len(s.Names) == 0 && len(s.Uses) == 0
}

// importable reports whether a path below a root, without its extension, can be
// that of a module.
func importable(stem string) bool {
	for part := range strings.SplitSeq(stem, "/") {
		if !identifier(part) {
			return false
		}
	}
	return true
}

// usesDjango reports whether any code imports Django.
func (p *Project) usesDjango() bool {
	return slices.ContainsFunc(p.modules.python, func(name string) bool {
		s, _ := p.source.Summary(name)
		return slices.ContainsFunc(s.Imports, func(r python.Reference) bool {
			return r.Name == "django" || strings.HasPrefix(r.Name, "django.")
		})
	})
}

// isBase reports whether a candidate is only what others are built on, unless
// its name says where it is loaded. A module that is called settings may be
// loaded all the same, unless others that may be of production are built on it;
// one called after a platform may hold what that platform needs, and no more.
func (c *candidate) isBase(list []*candidate) bool {
	named := tokensOf(c.module[strings.LastIndexByte(c.module, '.')+1:])
	part := c.nature == StageProduction && len(c.settings.stars) == 0 && !hasAny(named, "prod", "production", "live", "staging", "deploy", "deployment")
	for _, other := range list {
		switch {
		case other == c:
		case slices.Contains(other.settings.includes, c.path):
			return true
		case c.nature != "" && !part:
		case hasAny(named, "base", "common", "defaults", "default", "shared"):
			if path.Dir(other.path) == path.Dir(c.path) || other.bases[c.path] {
				return true
			}
		case other.bases[c.path]:
			if other.nature == "" && other.place == "" || other.nature == StageProduction || !hasAny(named, "settings") {
				return true
			}
		}
	}
	return false
}

// promote gives leaves of which nothing tells where they are loaded to
// production, where a project has no other: first those that something names,
// and if the whole tree has none, those that only look like settings.
func promote(groups map[string][]*candidate) {
	none := true
	for _, root := range slices.Sorted(maps.Keys(groups)) {
		found := slices.ContainsFunc(groups[root], func(c *candidate) bool { return c.tier == Production })
		for _, c := range groups[root] {
			// What only developers' files name is production's too where nothing else
			// is there and its name does not say otherwise.
			alone := c.tier == Development && c.nature == "" && len(c.why) == 0
			if !found && (c.tier == Unknown || alone) && len(c.claims) > 0 {
				c.because(Production, Reason{Text: "no settings of this project are named for production"})
				none = false
			}
		}
		none = none && !found
	}
	if !none {
		return
	}
	for _, group := range groups {
		for _, c := range group {
			if c.tier == Unknown && !c.settings.lost && (c.whole() || c.class != "") {
				c.because(Production, Reason{Text: "no settings of this project are named for production"})
			}
		}
	}
}

// heedConfiguration lets the configured leaves be the only ones of production:
// people who name theirs know which there are.
func (p *Project) heedConfiguration(list []*candidate) {
	for _, name := range p.options.Settings {
		if !slices.ContainsFunc(list, func(c *candidate) bool { return c.configured() && (c.name() == name || c.module == name) }) {
			p.notFound = append(p.notFound, name)
		}
	}
	if len(p.notFound) == len(p.options.Settings) {
		return
	}
	for _, c := range list {
		if c.tier == Production && !c.configured() {
			c.because(Unknown, Reason{Text: "the configuration of lintel names other settings of production"})
		}
	}
}

// leaf returns the candidate as a Leaf.
func (c *candidate) leaf() *Leaf {
	l := &Leaf{Module: c.module, Class: c.class, Path: c.path, Tier: c.tier, root: c.root}
	slices.SortStableFunc(c.claims, func(a, b claim) int { return int(a.kind) - int(b.kind) })
	for _, cl := range c.claims {
		l.Reasons = append(l.Reasons, cl.reason)
	}
	l.Reasons = append(l.Reasons, c.why...)
	if c.settings.signs() {
		l.Reasons = append(l.Reasons, c.settings.reason())
	}
	return l
}
