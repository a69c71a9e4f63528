// Package demo is the sample pull request that `lintel demo` opens: the Django
// shop of the review that lintel automates, on the day somebody commits its
// keys. The keys are made up, and put together only when the sample is read, so
// that this repository itself scans clean.
package demo

import (
	"embed"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed *.txtar
var archives embed.FS

// Commit is one commit of the sample.
type Commit struct {
	Message string
	// Files are contents by path.
	Files map[string]string
}

// Sample is the whole story.
type Sample struct {
	// Base is the commit on the default branch.
	Base Commit
	// Opened are the commits that the pull request is opened with.
	Opened []Commit
	// Fix is pushed after the first review.
	Fix Commit
	// Secrets are the values planted in the sample. None of them may come out
	// of lintel again.
	Secrets []string
}

// Load reads the sample.
func Load() (Sample, error) {
	secrets := map[string]string{
		"@DJANGO_SECRET_KEY@": "x7#kq" + "2v!mz9$wd4^ph8&rt6*bn3(jc5)gf1-ye0=lsau",
		"@DATABASE_PASSWORD@": "Tr7!" + "vK2#qLm9xZ",
		"@SENDGRID_KEY@":      "SG" + ".ngeVfQFYQlKU0ufo8x5d1A." + "TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
		"@STRIPE_KEY@":        "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc9sWq",
	}
	var s Sample
	for _, value := range secrets {
		s.Secrets = append(s.Secrets, value)
	}
	var err error
	read := func(name string) Commit {
		c, failure := load(name, secrets)
		if failure != nil && err == nil {
			err = failure
		}
		return c
	}
	s.Base = read("base.txtar")
	s.Opened = []Commit{read("push-1-settings.txtar"), read("push-1-payments.txtar"), read("push-1-tidy.txtar")}
	s.Fix = read("push-2-fix.txtar")
	return s, err
}

func load(name string, secrets map[string]string) (Commit, error) {
	content, err := archives.ReadFile(name)
	if err != nil {
		return Commit{}, fmt.Errorf("reading the sample: %w", err)
	}
	archive := txtar.Parse(content)
	c := Commit{Message: strings.TrimSpace(string(archive.Comment)), Files: map[string]string{}}
	for _, f := range archive.Files {
		text := string(f.Data)
		for placeholder, value := range secrets {
			text = strings.ReplaceAll(text, placeholder, value)
		}
		c.Files[f.Name] = text
	}
	return c, nil
}
