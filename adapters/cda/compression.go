package cda

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
)

// unpackedMost bounds what a packed file may become.
const unpackedMost = 50 << 20

// unpack returns the file that an ED holds packed (HL7 V3 data types, ED.compression:
// deflate, zlib, gzip), or as it is without compression, and whether it could.
func unpack(compression string, data []byte) ([]byte, bool) {
	var r io.Reader
	var err error
	switch packed := bytes.NewReader(data); compression {
	case "":
		return data, true
	case "DF":
		r = flate.NewReader(packed)
	case "ZL":
		r, err = zlib.NewReader(packed)
	case "GZ":
		r, err = gzip.NewReader(packed)
	default:
		return nil, false
	}
	if err != nil {
		return nil, false
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, unpackedMost+1))
	return unpacked, err == nil && len(unpacked) <= unpackedMost
}
