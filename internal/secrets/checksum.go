package secrets

import (
	"hash/crc32"
	"strings"
)

// githubChecksum reports whether value is a GitHub token whose last six
// characters are the base62 CRC-32 of what stands before them
// (https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
func githubChecksum(value string) bool {
	if len(value) != 40 || value[3] != '_' || !strings.HasPrefix(value, "gh") {
		return false
	}
	body, sum := value[4:34], value[34:]
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	n := crc32.ChecksumIEEE([]byte(body))
	want := make([]byte, len(sum))
	for i := len(want) - 1; i >= 0; i-- {
		want[i] = digits[n%62]
		n /= 62
	}
	return sum == string(want)
}
