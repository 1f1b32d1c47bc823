/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.NativeFrames;

/**
 * Makes and deletes users, roles and access keys while the process is killed, and deletes the newest snapshot in
 * between: what the admin API has confirmed holds afterwards, what it has confirmed as deleted is gone.
 */
public final class AccountsUnderKill {
    private static final String ADMIN = "the-admin-password";
    private static final String PASSWORD = "a-users-password";
    private static final int NO_PERMISSION = 16;
    private static final int FILLERS = 4;
    private static final int FILLER = 24 << 10;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BrokerProcess server;
    private final AtomicInteger next = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> deleted = new ConcurrentLinkedQueue<>();
    private final Map<String, AdminApi.Key> keys = new ConcurrentHashMap<>();
    private final Map<String, AdminApi.Key> revoked = new ConcurrentHashMap<>();
    private volatile boolean over;

    private AccountsUnderKill(BrokerProcess server) {
        this.server = server;
    }

    /** Runs on an empty directory with so many kills. */
    public static Outcome run(Path directory, Random random, int kills) throws Exception {
        try (BrokerProcess server = BrokerProcess.in(directory)
                .onFixedPorts()
                .with("security.enabled", true)
                .with("security.password-iterations", 1_000)
                .with("storage.segment-size", "64KB")
                .with("limits.message-size", "32KB")
                .with("limits.mqtt-packet-size", "32KB")) {
            server.start();
            AdminApi.first(server).setPassword("admin", ADMIN);
            AccountsUnderKill run = new AccountsUnderKill(server);
            return new Outcome(Verdict.none(), Verdict.none(), run.kill(random, kills));
        }
    }

    private List<String> kill(Random random, int kills) throws Exception {
        List<String> failures = new ArrayList<>();
        Thread maker = new Thread(this::make, "account-maker");
        maker.start();
        try {
            for (int kill = 1; kill <= kills; kill++) {
                int before = next.get();
                Pause.until(PATIENCE, () -> next.get() > before + 3);
                Pause.of(Duration.ofMillis(random.nextInt(50, 1_000)));
                server.kill();
                String lost = kill % 2 == 0 ? deleteNewestSnapshot() : "no snapshot";
                server.start();
                failures.addAll(check());
                System.out.printf(
                        "  accounts, kill %d: deleted %s; %d users, %d keys, %d gone%n",
                        kill, lost, made.size(), keys.size(), deleted.size());
            }
        } finally {
            over = true;
            maker.join(PATIENCE.toMillis());
        }
        return failures;
    }

    private AdminApi admin() {
        return AdminApi.as(server.endpoints(), "admin", ADMIN);
    }

    /** One account after the other; what the server did not confirm is not counted. */
    private void make() {
        while (!over) {
            String name = "user-" + next.incrementAndGet();
            try {
                AdminApi admin = admin();
                admin.setRole("role-of-" + name, "allow PUB topic:by-role/" + name);
                admin.createUser(name, PASSWORD, "allow PUB topic:" + name + "/#");
                admin.setRoles(name, "role-of-" + name);
                AdminApi.Key key = admin.createKey(name);
                for (int i = 0; i < FILLERS; i++) {
                    send(name, key, new byte[FILLER]); // so that segments fill and snapshots are taken
                }
                if (next.get() % 4 == 0) {
                    admin.deleteKey(key.id());
                    revoked.put(name, key);
                    made.add(name);
                } else if (next.get() % 4 == 1) {
                    admin.deleteUser(name);
                    deleted.add(name);
                } else {
                    keys.put(name, key);
                    made.add(name);
                }
            } catch (IOException | IllegalStateException notConfirmed) {
                waitForServer();
            }
        }
    }

    private static void waitForServer() {
        try {
            Pause.of(Duration.ofMillis(100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> check() throws IOException {
        List<String> failures = new ArrayList<>();
        AdminApi admin = admin();
        for (String name : made) {
            AdminApi.Answer user = admin.call("GET", "users/" + name, "");
            if (user.status() != 200
                    || !user.body().contains("topic:" + name + "/#")
                    || !user.body().contains("role-of-" + name)) {
                failures.add("user " + name + " is not as it was: " + user.status() + " " + user.body());
            }
            AdminApi.Answer role =
                    admin.call("GET", "check?user=" + name + "&action=PUB&resource=topic:by-role/" + name, "");
            if (!role.body().contains("\"allowed\":true")) {
                failures.add("the role of " + name + " permits nothing: " + role.body());
            }
        }
        for (String name : deleted) {
            if (admin.call("GET", "users/" + name, "").status() != 404) {
                failures.add("user " + name + " was deleted and is there again");
            }
        }
        for (String name : keys.keySet()) {
            int code = send(name, keys.get(name), new byte[] {1});
            if (code != 0) {
                failures.add("the access key of " + name + " is answered " + code);
            }
        }
        for (String name : revoked.keySet()) {
            int code = send(name, revoked.get(name), new byte[] {1});
            if (code != NO_PERMISSION) {
                failures.add("the revoked access key of " + name + " is answered " + code);
            }
        }
        return failures;
    }

    /** Each user's failures count for itself; those of one address for all, so each has an address of its own. */
    private int send(String name, AdminApi.@Nullable Key key, byte[] body) throws IOException {
        int number = Integer.parseInt(name.substring(name.indexOf('-') + 1));
        String from = "127.2." + number / 200 % 200 + "." + (1 + number % 200);
        try (NativeFrames client = new NativeFrames(server.endpoints().nativePort(), from)) {
            Map<String, String> fields = Map.of(
                    "topic",
                    name,
                    "producerGroup",
                    "p",
                    "defaultTopic",
                    "TBW102",
                    "defaultTopicQueueNums",
                    "1",
                    "queueId",
                    "0",
                    "sysFlag",
                    "0",
                    "bornTimestamp",
                    "0",
                    "flag",
                    "0");
            return client.ask(10, fields, body, key).code();
        }
    }

    private String deleteNewestSnapshot() throws IOException {
        try (var listed = Files.list(server.data())) {
            List<Path> snapshots = listed.filter(path -> path.toString().endsWith(".snapshot"))
                    .sorted()
                    .toList();
            if (snapshots.size() < 2) {
                return "no snapshot";
            }
            Path newest = snapshots.get(snapshots.size() - 1);
            Files.delete(newest);
            return newest.getFileName().toString();
        }
    }
}
