package ghtest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Pages hold 30 items unless asked otherwise, and 100 at most.
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
const (
	pageDefault = 30
	pageMax     = 100
)

// page cuts a list and says in the Link header where the rest is.
func page[T any](c *call, list []T, render func(T) any) *answer {
	size := pageDefault
	if n, err := strconv.Atoi(c.query.Get("per_page")); err == nil && n > 0 {
		size = min(n, pageMax)
	}
	at := 1
	if n, err := strconv.Atoi(c.query.Get("page")); err == nil && n > 0 {
		at = n
	}
	last := max(1, (len(list)+size-1)/size)
	items := []any{}
	for i := (at - 1) * size; i < min(at*size, len(list)); i++ {
		items = append(items, render(list[i]))
	}
	a := ok(items)
	var links []string
	link := func(number int, relation string) {
		query := url.Values{}
		for name, values := range c.query {
			query[name] = values
		}
		query.Set("page", strconv.Itoa(number))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`,
			c.server.URL(), c.request.URL.EscapedPath(), query.Encode(), relation))
	}
	if at > 1 {
		link(min(at-1, last), "prev")
	}
	if at < last {
		link(at+1, "next")
		link(last, "last")
	}
	if at > 1 {
		link(1, "first")
	}
	if len(links) > 0 {
		a.set("Link", strings.Join(links, ", "))
	}
	return a
}
