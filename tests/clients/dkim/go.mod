module coalition.example/dkim

go 1.23

require github.com/emersion/go-msgauth v0.6.8

require golang.org/x/crypto v0.15.0 // indirect
