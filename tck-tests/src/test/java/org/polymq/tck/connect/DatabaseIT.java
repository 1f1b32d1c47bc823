/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;

/**
 * A PostgreSQL's changes go through Debezium's source to a topic, and from there through a JDBC sink to another table
 * and through connect-file's sink to a file; a file's lines go to another file. Meanwhile the server is killed at
 * random moments, and the database once: each row and each line arrives at least once, a transaction wholly or not at
 * all. {@code bin/verify connectors} runs it with {@code -Dpolymq.plugins=DIRECTORY}, where the plugins are.
 */
@EnabledIfSystemProperty(named = "polymq.plugins", matches = ".+")
class DatabaseIT {
    private static final int KILLS = Integer.getInteger("polymq.kills", 8);
    private static final int ROWS_OF_A_TRANSACTION = 10;
    private static final String TABLE = "create table %s (id bigint primary key, tx bigint, version int, note text)";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final Set<String> committed = new TreeSet<>();
    private final List<String> lines = new ArrayList<>();
    private long transactions;
    private long rows;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofMinutes(5)).pollInterval(Duration.ofMillis(200));
    }

    @Test
    void everyRowArrivesThoughTheServerIsKilled() throws Exception {
        long seed = Long.getLong("polymq.seed", System.nanoTime());
        System.out.println("seed " + seed + " (repeat with -Dpolymq.seed=" + seed + ")");
        Random random = new Random(seed);
        Path plugins = Path.of(System.getProperty("polymq.plugins")).toAbsolutePath();
        Path in = Files.createFile(directory.resolve("in"));
        // Beside the other directories: those of this test only its own user can reach.
        Path database = Files.createTempDirectory("polymq-postgres");
        try (Postgres postgres = new Postgres(database, plugins.resolve("debezium-connector-postgres"));
                BrokerProcess server = BrokerProcess.in(directory).with("connectors.plugins", plugins)) {
            postgres.start();
            execute(postgres, TABLE.formatted("orders"));
            server.start();
            create(server, "changes", changes(postgres));
            create(server, "copy", copy(postgres));
            create(server, "rows", FilePlugin.sink("shop.public.orders", directory.resolve("rows")));
            create(server, "lines", FilePlugin.source(in, "lines"));
            create(server, "written", FilePlugin.sink("lines", directory.resolve("out")));
            soon().until(() -> has(api(server), "changes", "\"state\":\"running\""));
            // A first picture of the table that is broken off is begun anew, and shows only the newest of each row.
            while (committed.isEmpty()) {
                write(postgres, in, random, System.nanoTime());
            }
            soon().until(() -> Set.copyOf(rows(directory.resolve("rows"))).size() >= committed.size());

            for (int kill = 0; kill < KILLS; kill++) {
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_000 + random.nextInt(6_000));
                write(postgres, in, random, until);
                server.kill();
                if (kill == KILLS / 2) {
                    postgres.stop();
                    postgres.start();
                }
                write(postgres, in, random, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(1_000)));
                server.start();
            }
            write(postgres, in, random, System.nanoTime() + TimeUnit.SECONDS.toNanos(2));

            soon().until(() -> Set.copyOf(lines(directory.resolve("out"))).size() >= lines.size());
            soon().until(() -> Set.copyOf(rows(directory.resolve("rows"))).size() >= committed.size());
            soon().until(() -> differences(postgres) == 0);
            judge(api(server));
        }
        delete(database);
    }

    private void judge(AdminApi api) throws IOException {
        List<String> written = lines(directory.resolve("out"));
        assertThat(new TreeSet<>(written)).isEqualTo(new TreeSet<>(lines));
        List<String> seen = rows(directory.resolve("rows"));
        assertThat(new TreeSet<>(seen)).isEqualTo(committed);
        assertThat(inOrder(seen))
                .as("versions of a row in the order they were committed")
                .isTrue();
        System.out.printf(
                "%d kills; %d transactions, %d rows and changes of rows: lost 0, doubled %d; %d lines: lost 0, doubled %d%n",
                KILLS,
                transactions,
                committed.size(),
                seen.size() - committed.size(),
                lines.size(),
                written.size() - lines.size());
        assertThat(stored(api, "shop.public.orders")).isGreaterThanOrEqualTo(committed.size());
        assertThat(has(api, "changes", "\"state\":\"running\"")).isTrue();
    }

    // ---- what is written

    /** Transactions of ten rows and one line each; one in seven is rolled back, one in three changes older rows too. */
    private void write(Postgres postgres, Path in, Random random, long until) throws SQLException, IOException {
        try (Connection connection = postgres.connect()) {
            connection.setAutoCommit(false);
            do {
                transaction(connection, random);
                String line = "line " + lines.size();
                Files.writeString(in, line + "\n", StandardOpenOption.APPEND);
                lines.add(line);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(60)));
            } while (System.nanoTime() < until);
        }
    }

    private void transaction(Connection connection, Random random) throws SQLException {
        long tx = ++transactions;
        Map<Long, Integer> changed = new TreeMap<>();
        boolean commit = random.nextInt(7) > 0;
        try (Statement statement = connection.createStatement()) {
            if (rows > 0 && random.nextInt(3) == 0) {
                long id = 1 + random.nextLong(rows);
                statement.executeUpdate(
                        "update orders set version = version + 1, tx = %d where id = %d".formatted(tx, id));
                try (ResultSet result = statement.executeQuery("select version from orders where id = " + id)) {
                    result.next();
                    changed.put(id, result.getInt(1));
                }
            }
            for (int i = 1; i <= ROWS_OF_A_TRANSACTION; i++) {
                long id = rows + i;
                statement.executeUpdate("insert into orders values (%d, %d, 0, 'row %d')".formatted(id, tx, id));
                changed.put(id, 0);
            }
        }
        if (commit) {
            connection.commit();
            rows += ROWS_OF_A_TRANSACTION;
            changed.forEach((id, version) -> committed.add(row(id, version, tx)));
        } else {
            connection.rollback();
        }
    }

    private static String row(long id, int version, long tx) {
        return id + "/" + version + " of " + tx;
    }

    // ---- the connectors

    private static Map<String, String> changes(Postgres postgres) {
        Map<String, String> config = new HashMap<>();
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("database.hostname", "127.0.0.1");
        config.put("database.port", Integer.toString(postgres.port()));
        config.put("database.user", "shop");
        config.put("database.password", "none");
        config.put("database.dbname", "postgres");
        config.put("topic.prefix", "shop");
        config.put("plugin.name", "pgoutput");
        config.put("table.include.list", "public.orders");
        config.put("transforms", "unwrap");
        config.put("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState");
        return config;
    }

    private static Map<String, String> copy(Postgres postgres) {
        Map<String, String> config = new HashMap<>();
        config.put("connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector");
        config.put("topics", "shop.public.orders");
        config.put("connection.url", postgres.url());
        config.put("connection.username", "shop");
        config.put("connection.password", "none");
        config.put("insert.mode", "upsert");
        config.put("primary.key.mode", "record_value");
        config.put("primary.key.fields", "id");
        config.put("schema.evolution", "basic");
        config.put("table.name.format", "copies");
        return config;
    }

    private static void create(BrokerProcess server, String name, Map<String, String> config) throws IOException {
        FilePlugin.create(api(server), name, config);
    }

    private static AdminApi api(BrokerProcess server) {
        return AdminApi.as(server.endpoints(), "nobody", "security is off");
    }

    private static boolean has(AdminApi api, String connector, String text) throws IOException {
        return api.call("GET", "connectors/" + connector, "").body().contains(text);
    }

    private static long stored(AdminApi api, String topic) throws IOException {
        return new ObjectMapper()
                .readTree(api.call("GET", "topics/" + topic, "").body())
                .path("stored")
                .asLong();
    }

    // ---- what arrived

    /** Rows of one table that the other one has not, or has otherwise. */
    private static long differences(Postgres postgres) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "select count(*) from orders o full join copies c on o.id = c.id"
                                + " where (o.id, o.tx, o.version, o.note) is distinct from (c.id, c.tx, c.version, c.note)")) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            if ("42P01".equals(e.getSQLState())) { // the sink has not made its table yet
                return Long.MAX_VALUE;
            }
            throw e;
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** What the messages say that came to the file. The last line may be written just now. */
    private static List<String> rows(Path file) throws IOException {
        List<String> rows = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        for (String line : lines(file)) {
            if (line.endsWith("}")) {
                JsonNode row = json.readTree(line).path("payload");
                rows.add(row(
                        row.path("id").asLong(),
                        row.path("version").asInt(),
                        row.path("tx").asLong()));
            }
        }
        return rows;
    }

    /** Whether the first arrivals of each row's versions are in order. */
    private static boolean inOrder(List<String> seen) {
        Map<String, Integer> newest = new HashMap<>();
        Set<String> known = new HashSet<>();
        for (String row : seen) {
            if (known.add(row)) {
                String id = row.substring(0, row.indexOf('/'));
                int version = Integer.parseInt(row.substring(row.indexOf('/') + 1, row.indexOf(' ')));
                if (version < newest.getOrDefault(id, -1)) {
                    return false;
                }
                newest.put(id, version);
            }
        }
        return true;
    }

    private static void execute(Postgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
