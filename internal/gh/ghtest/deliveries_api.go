package ghtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func (d *delivery) object() object {
	orNone := func(id int64) any {
		if id == 0 {
			return nil
		}
		return id
	}
	return object{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.at), "redelivery": d.Redelivery, "duration": d.Duration.Seconds(),
		"status": d.Status, "status_code": d.StatusCode, "event": d.Event, "action": orNull(d.Action),
		"installation_id": orNone(d.installation), "repository_id": orNone(d.repository), "throttled_at": nil,
	}
}

// listDeliveries lists the log, newest first. Its pages are cut by a cursor: the id
// of the first delivery of the next page.
func (s *Server) listDeliveries(c *call) (*answer, error) {
	list := slices.Clone(s.sent)
	slices.Reverse(list)
	status := c.query.Get("status")
	list = slices.DeleteFunc(list, func(d *delivery) bool {
		failed := d.StatusCode >= 400 && d.StatusCode <= 599
		return !d.Sent || status == "failure" && !failed || status == "success" && failed
	})
	if cursor := c.query.Get("cursor"); cursor != "" {
		from := slices.IndexFunc(list, func(d *delivery) bool { return itoa(d.ID) == cursor })
		if from < 0 {
			return nil, &apiError{status: http.StatusUnprocessableEntity, message: "Invalid cursor"}
		}
		list = list[from:]
	}
	size := pageDefault
	if n, err := strconv.Atoi(c.query.Get("per_page")); err == nil && n > 0 {
		size = min(n, pageMax)
	}
	a := ok(nil)
	if len(list) > size {
		query := c.request.URL.Query()
		query.Set("cursor", itoa(list[size].ID))
		a.set("Link", "<"+s.URL()+c.request.URL.EscapedPath()+"?"+query.Encode()+`>; rel="next"`)
		list = list[:size]
	}
	items := []any{}
	for _, d := range list {
		items = append(items, d.object())
	}
	a.body = items
	return a, nil
}

func (c *call) delivery() (*delivery, error) {
	for _, d := range c.server.sent {
		if d.ID == c.number("delivery_id") {
			return d, nil
		}
	}
	return nil, notFound()
}

func (s *Server) getDelivery(c *call) (*answer, error) {
	d, err := c.delivery()
	if err != nil {
		return nil, err
	}
	flat := func(h http.Header) object {
		o := object{}
		for name := range h {
			o[name] = h.Get(name)
		}
		return o
	}
	o := d.object()
	o["url"] = s.webhook
	o["request"] = object{"headers": flat(d.header), "payload": json.RawMessage(d.Body)}
	o["response"] = object{"headers": flat(d.answered), "payload": d.Response}
	return ok(o), nil
}

// attemptDelivery accepts a redelivery, which happens after the answer.
func (s *Server) attemptDelivery(c *call) (*answer, error) {
	d, err := c.delivery()
	if err != nil {
		return nil, err
	}
	s.outbox = append(s.outbox, s.repeat(d))
	return &answer{status: http.StatusAccepted, body: object{}}, nil
}
