// Documents is a server of MongoDB's wire protocol that keeps its data in SQLite: FerretDB, with its SCRAM
// authentication switched on, which FerretDB's own embedding interface leaves out. That is why this module is named
// below FerretDB's own: packages that are internal there are open to it.
//
// Its environment:
//
//	DOCUMENTS_LISTEN         host:port
//	DOCUMENTS_DATA           folder of the data, made when it is not there
//	DOCUMENTS_USER           user who may do everything
//	DOCUMENTS_PASSWORD_FILE  file with the user's password; the user gets it at every start, so that kept data go with
//	                         a newly generated password
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/backends/sqlite"
	"github.com/FerretDB/FerretDB/internal/clientconn"
	"github.com/FerretDB/FerretDB/internal/clientconn/conninfo"
	"github.com/FerretDB/FerretDB/internal/clientconn/connmetrics"
	"github.com/FerretDB/FerretDB/internal/handler/registry"
	"github.com/FerretDB/FerretDB/internal/handler/users"
	"github.com/FerretDB/FerretDB/internal/util/password"
	"github.com/FerretDB/FerretDB/internal/util/state"
)

// The database that users authenticate against, as in MongoDB.
const authDatabase = "admin"

// Documents of one answer of the store to itself.
const batchSize = 100

type settings struct {
	listen   string
	uri      string
	user     string
	password string
}

func main() {
	// Below that level the store logs what it answers, documents among it.
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelError}))
	if err := run(logger); err != nil {
		fmt.Fprintf(os.Stderr, "documents: %s\n", err)
		os.Exit(1)
	}
}

func run(logger *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s, err := readSettings()
	if err != nil {
		return err
	}
	provider, err := state.NewProvider("")
	if err != nil {
		return err
	}
	// Nothing of the lab is told to anyone outside.
	if err = provider.Update(func(s *state.State) { s.DisableTelemetry(); s.TelemetryLocked = true }); err != nil {
		return err
	}
	if err = setPassword(s, provider, logger); err != nil {
		return fmt.Errorf("the user cannot be given its password: %w", err)
	}
	return serve(ctx, s, provider, logger)
}

func readSettings() (settings, error) {
	value := func(name string) string { return os.Getenv(name) }
	for _, name := range []string{"DOCUMENTS_LISTEN", "DOCUMENTS_DATA", "DOCUMENTS_USER", "DOCUMENTS_PASSWORD_FILE"} {
		if value(name) == "" {
			return settings{}, fmt.Errorf("%s is not set; give the container -e %s=…", name, name)
		}
	}
	secret, err := os.ReadFile(value("DOCUMENTS_PASSWORD_FILE"))
	if err != nil {
		return settings{}, err
	}
	word := strings.TrimSpace(string(secret))
	if word == "" {
		return settings{}, errors.New("DOCUMENTS_PASSWORD_FILE is empty")
	}
	data, err := filepath.Abs(value("DOCUMENTS_DATA"))
	if err != nil {
		return settings{}, err
	}
	if err = os.MkdirAll(data, 0o700); err != nil {
		return settings{}, err
	}
	uri := url.URL{Scheme: "file", Path: data + "/"}
	return settings{value("DOCUMENTS_LISTEN"), uri.String(), value("DOCUMENTS_USER"), word}, nil
}

// setPassword makes the one user anew, before anybody can connect.
func setPassword(s settings, provider *state.Provider, logger *slog.Logger) error {
	backend, err := sqlite.NewBackend(&sqlite.NewBackendParams{
		URI: s.uri, L: logger, P: provider, BatchSize: batchSize,
	})
	if err != nil {
		return err
	}
	defer backend.Close()
	info := conninfo.New()
	info.SetBypassBackendAuth()
	ctx := conninfo.Ctx(context.Background(), info)
	database, err := backend.Database(authDatabase)
	if err != nil {
		return err
	}
	collection, err := database.Collection("system.users")
	if err != nil {
		return err
	}
	before := []any{authDatabase + "." + s.user}
	if _, err = collection.DeleteAll(ctx, &backends.DeleteAllParams{IDs: before}); err != nil {
		return err
	}
	return users.CreateUser(ctx, backend, &users.CreateUserParams{
		Database: authDatabase,
		Username: s.user,
		Password: password.WrapPassword(s.password),
	})
}

// serve answers clients until it is told to end.
func serve(ctx context.Context, s settings, provider *state.Provider, logger *slog.Logger) error {
	metrics := connmetrics.NewListenerMetrics()
	handler, closeBackend, err := registry.NewHandler("sqlite", &registry.NewHandlerOpts{
		Logger:        logger,
		ConnMetrics:   metrics.ConnMetrics,
		StateProvider: provider,
		TCPHost:       s.listen,
		SQLiteURL:     s.uri,
		TestOpts: registry.TestOpts{
			CappedCleanupPercentage: 10,
			BatchSize:               batchSize,
			EnableNewAuth:           true,
		},
	})
	if err != nil {
		if closeBackend != nil {
			closeBackend()
		}
		return err
	}
	defer closeBackend()
	listener, err := clientconn.Listen(&clientconn.NewListenerOpts{
		TCP:     s.listen,
		Mode:    clientconn.NormalMode,
		Metrics: metrics,
		Handler: handler,
		Logger:  logger,
	})
	if err != nil {
		return err
	}
	listener.Run(ctx)
	return nil
}
