package secrets

import (
	"bytes"
	"path"
	"strings"
)

// sniffBytes is how much of a file is looked at to tell text from binary, the
// amount git looks at.
const sniffBytes = 8000

// InScope reports whether lintel judges a file at all. Where it does not, the
// reason says why, for the list of what is out of scope. A key store is in
// scope although it is binary: its being there is the finding. Content that
// has NUL bytes under a name that promises text is in scope too; Scan returns
// ErrUndecodable for it, because something that claims to be a settings file
// must not pass unread.
func InScope(filePath string, content []byte) (reason string, ok bool) {
	if keyStore(filePath, content) {
		return "", true
	}
	if hasBinaryMagic(content) || binaryExtensions[extension(filePath)] {
		return "binary", false
	}
	head := content[:min(len(content), sniffBytes)]
	if bytes.IndexByte(head, 0) < 0 {
		return "", true
	}
	if _, ok := decodeUTF16(content); ok {
		return "", true
	}
	if claimsText(filePath) {
		return "", true
	}
	return "binary", false
}

// claimsText reports whether the name of a file promises text: one of the
// extensions that hold code or configuration, or none at all.
func claimsText(filePath string) bool {
	ext := extension(filePath)
	return ext == "" || textExtensions[ext]
}

// extension returns the lower-case extension without its dot. The name of a
// dotfile (.env) counts as its extension, and .env.production is "env".
func extension(filePath string) string {
	base := strings.ToLower(path.Base(filePath))
	if base == ".env" || strings.HasPrefix(base, ".env.") {
		return "env"
	}
	ext := strings.TrimPrefix(path.Ext(base), ".")
	if base == "."+ext {
		return ext
	}
	return ext
}

// keyStore reports whether content is a PKCS #12 or Java key store by name and
// by its first bytes: a DER sequence, or the magic of a JKS file.
func keyStore(filePath string, content []byte) bool {
	switch extension(filePath) {
	case "p12", "pfx":
		return len(content) > 2 && content[0] == 0x30 && content[1] >= 0x80
	case "jks", "keystore":
		return bytes.HasPrefix(content, []byte{0xfe, 0xed, 0xfe, 0xed}) ||
			len(content) > 2 && content[0] == 0x30 && content[1] >= 0x80
	}
	return false
}

// hasBinaryMagic knows the files that people commit most by their first bytes.
func hasBinaryMagic(content []byte) bool {
	for _, magic := range []string{
		"\x89PNG\r\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "PK\x03\x04", "PK\x05\x06", "\x1f\x8b",
		"%PDF-", "wOFF", "wOF2", "SQLite format 3\x00", "\x7fELF", "BZh", "\xfd7zXZ\x00", "7z\xbc\xaf",
		"\x28\xb5\x2f\xfd", "\xde\x12\x04\x95", "\x95\x04\x12\xde", "\x00asm", "\xca\xfe\xba\xbe",
		"OggS", "ID3", "\x00\x00\x01\x00", "RIFF", "Rar!\x1a\x07",
	} {
		if bytes.HasPrefix(content, []byte(magic)) {
			return true
		}
	}
	return false
}

func set(words ...string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

// binaryExtensions never hold text, whatever their first bytes say.
var binaryExtensions = set("png", "jpg", "jpeg", "gif", "bmp", "ico", "webp", "tif", "tiff", "psd", "avif", "heic",
	"woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "m4a", "mov", "avi", "webm", "ogg", "wav", "flac",
	"zip", "gz", "tgz", "bz2", "xz", "7z", "rar", "zst", "jar", "war", "whl", "egg", "pyc", "pyo", "so",
	"dll", "dylib", "exe", "o", "a", "class", "mo", "sqlite", "sqlite3", "pdf", "doc", "docx", "xls",
	"xlsx", "ppt", "pptx", "odt", "parquet", "npy", "npz", "pkl", "pickle", "h5", "onnx", "wasm", "mmdb", "gpg")

// textExtensions hold code or configuration, where a NUL byte is a surprise.
var textExtensions = set("py", "pyi", "env", "tf", "tfvars", "hcl", "yml", "yaml", "json", "toml", "ini", "cfg", "conf",
	"properties", "sh", "bash", "zsh", "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "html", "htm", "css",
	"scss", "md", "rst", "txt", "xml", "svg", "sql", "rb", "go", "java", "kt", "php", "cs", "rs", "c", "h",
	"cpp", "hpp", "swift", "scala", "pl", "lua", "r", "ps1", "bat", "dockerfile", "tpl", "j2", "jinja",
	"template", "csv", "tsv", "pem", "key", "crt", "lock", "po", "pot", "ipynb", "service", "gradle",
	"tfstate", "npmrc", "netrc", "pypirc", "pgpass", "gitignore", "dockerignore", "editorconfig")
