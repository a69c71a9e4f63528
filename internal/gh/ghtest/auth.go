package ghtest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The ways of signing in, as Request.Auth names them.
const (
	authNone         = "none"
	authApp          = "app"
	authInstallation = "installation"
)

// tokenLife is how long an installation token lasts.
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
const tokenLife = time.Hour

// jwtLife is the furthest an App's JWT may expire in the future.
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
const jwtLife = 10 * time.Minute

// repositoryIDsMax is how many repositories one token may be narrowed to.
const repositoryIDsMax = 500

// token is an installation access token.
type token struct {
	value        string
	installation *Installation
	expires      time.Time
	permissions  map[string]string
	repositories map[int64]bool // nil means all of the installation
}

// authorization is who a request comes from.
type authorization struct {
	kind         string
	installation *Installation
	token        *token
}

// reaches tells whether the request may know that the repository exists.
func (a authorization) reaches(r *Repository) bool {
	if a.kind != authInstallation || r.installation != a.installation {
		return false
	}
	return a.token.repositories == nil || a.token.repositories[r.id]
}

// allows tells whether the token has the permission at the level.
func (a authorization) allows(permission, level string) bool {
	if a.token == nil {
		return false
	}
	has := a.token.permissions[permission]
	return has == level || has == "write" && level == "read" || has == "admin"
}

func unauthorized(message string) error {
	return &apiError{status: http.StatusUnauthorized, message: message}
}

// authenticate reads the Authorization header.
func (s *Server) authenticate(r *http.Request) (authorization, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return authorization{kind: authNone}, nil
	}
	credential := ""
	if name, password, isBasic := r.BasicAuth(); isBasic {
		if name != "x-access-token" {
			return authorization{}, unauthorized("Bad credentials")
		}
		credential = password
	} else {
		scheme, rest, _ := strings.Cut(header, " ")
		if scheme = strings.ToLower(scheme); scheme != "bearer" && scheme != "token" {
			return authorization{}, unauthorized("Bad credentials")
		}
		credential = strings.TrimSpace(rest)
	}
	if strings.Count(credential, ".") == 2 {
		return authorization{kind: authApp}, s.verifyJWT(credential)
	}
	t := s.tokens[credential]
	if t == nil || !s.now().Before(t.expires) {
		return authorization{}, unauthorized("Bad credentials")
	}
	return authorization{kind: authInstallation, installation: t.installation, token: t}, nil
}

// verifyJWT checks what GitHub checks of an App's JSON web token: RS256, one of
// the App's keys, iss, iat and exp.
func (s *Server) verifyJWT(credential string) error {
	undecodable := unauthorized("A JSON web token could not be decoded")
	parts := strings.Split(credential, ".")
	var header struct {
		Algorithm string `json:"alg"`
	}
	var claims struct {
		Issuer   any      `json:"iss"`
		IssuedAt *float64 `json:"iat"`
		Expires  *float64 `json:"exp"`
	}
	if decodePart(parts[0], &header) != nil || decodePart(parts[1], &claims) != nil || header.Algorithm != "RS256" {
		return undecodable
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return undecodable
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !slices.ContainsFunc(s.options.AppKeys, func(key *rsa.PublicKey) bool {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) == nil
	}) {
		return undecodable
	}
	issuer := fmt.Sprint(claims.Issuer)
	if number, isNumber := claims.Issuer.(float64); isNumber {
		issuer = fmt.Sprintf("%.0f", number)
	}
	now := float64(s.now().Unix())
	switch {
	case issuer != fmt.Sprint(s.options.AppID):
		return &apiError{status: http.StatusNotFound, message: "Integration not found"}
	case claims.IssuedAt == nil || *claims.IssuedAt > now+60:
		return unauthorized("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case claims.Expires == nil || *claims.Expires <= now:
		return unauthorized("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case *claims.Expires > now+jwtLife.Seconds()+1:
		return unauthorized("'Expiration time' claim ('exp') is too far in the future")
	}
	return nil
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// createToken mints an installation token, narrowed to the repositories and
// permissions asked for.
func (s *Server) createToken(c *call) (*answer, error) {
	i := s.installs[c.number("installation_id")]
	if i == nil {
		return nil, notFound()
	}
	if !i.suspendedAt.IsZero() {
		return nil, suspended()
	}
	var wish struct {
		Repositories  []string          `json:"repositories"`
		RepositoryIDs []int64           `json:"repository_ids"`
		Permissions   map[string]string `json:"permissions"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	t := &token{value: "ghs_" + rand.Text() + rand.Text()[:10], installation: i, expires: s.now().Add(tokenLife)}
	repositories, err := narrow(i, wish.Repositories, wish.RepositoryIDs)
	if err != nil {
		return nil, err
	}
	if t.permissions, err = narrowPermissions(i, wish.Permissions); err != nil {
		return nil, err
	}
	body := object{
		"token": t.value, "expires_at": stamp(t.expires), "permissions": t.permissions, "repository_selection": "selected",
	}
	if repositories != nil {
		t.repositories = map[int64]bool{}
		list := []any{}
		for _, r := range repositories {
			t.repositories[r.id] = true
			list = append(list, s.repositoryObject(r))
		}
		body["repositories"] = list
	}
	s.tokens[t.value] = t
	return &answer{status: http.StatusCreated, body: body}, nil
}

func narrow(i *Installation, names []string, ids []int64) ([]*Repository, error) {
	if len(names) == 0 && len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > repositoryIDsMax || len(names) > repositoryIDsMax {
		return nil, &apiError{status: http.StatusUnprocessableEntity, message: "Too many repositories were named."}
	}
	var found []*Repository
	for _, id := range ids {
		if r := i.repositories[id]; r != nil {
			found = append(found, r)
		}
	}
	for _, name := range names {
		for _, r := range i.repositories {
			if strings.EqualFold(r.name, name) {
				found = append(found, r)
			}
		}
	}
	if len(found) != len(ids)+len(names) {
		return nil, &apiError{
			status:  http.StatusUnprocessableEntity,
			message: "There is at least one repository that does not exist or is not accessible to the parent installation.",
		}
	}
	return found, nil
}

func narrowPermissions(i *Installation, wish map[string]string) (map[string]string, error) {
	if len(wish) == 0 {
		return maps.Clone(i.permissions), nil
	}
	parent := authorization{token: &token{permissions: i.permissions}}
	got := map[string]string{"metadata": "read"}
	for permission, level := range wish {
		if !parent.allows(permission, level) {
			return nil, &apiError{
				status:  http.StatusUnprocessableEntity,
				message: "The permissions requested are not granted to this installation.",
			}
		}
		got[permission] = level
	}
	return got, nil
}

func suspended() error {
	return &apiError{status: http.StatusForbidden, message: "This installation has been suspended"}
}

// Tokens lists every token minted so far, for tests that look for one where it
// must not be.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.tokens))
}

// ExpireTokens makes every token minted so far answer 401.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		t.expires = s.now()
	}
}
