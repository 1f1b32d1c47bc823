/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.polymq.broker.config.DataSize;
import org.polymq.broker.config.ServerConfig;

/**
 * Looks at this machine with the eyes of a server of this configuration: ports, disk, limits, clock and advertised
 * address. Changes nothing but one small file in the data directory, which it deletes.
 */
public final class Doctor {
    private static final long SLOW_FORCE_MILLIS = 50;
    private static final Duration SAME_TIME = Duration.ofSeconds(2);
    private static final Instant OLDEST_SANE = Instant.parse("2025-01-01T00:00:00Z");
    private static final int PATIENCE_MILLIS = 2_000;
    /** Files that the server has open beside its connections. */
    private static final long OTHER_FILES = 500;

    private final ServerConfig config;
    private final Clock clock;
    private final Optional<Instant> serverTime;
    private final boolean inContainer;

    /**
     * Looks at nothing yet.
     *
     * @param serverTime what the server's clock says right now; empty if no server of this configuration answers
     * @param inContainer whether this machine is a container, whose addresses others may not reach
     */
    public Doctor(ServerConfig config, Clock clock, Optional<Instant> serverTime, boolean inContainer) {
        this.config = config;
        this.clock = clock;
        this.serverTime = serverTime;
        this.inContainer = inContainer;
    }

    /** Looks at everything; takes a few seconds at most. */
    public List<Finding> look() {
        List<Finding> findings = new ArrayList<>();
        findings.add(
                serverTime.isPresent()
                        ? Finding.good("server", "a server of this configuration answers")
                        : Finding.good("server", "none runs"));
        ports(findings);
        directory(findings);
        files(findings);
        memory(findings);
        clock(findings);
        advertised(findings);
        return findings;
    }

    private void ports(List<Finding> findings) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        if (config.nameServer().embedded()) {
            ports.put("nameserver.port", config.nameServer().port());
        }
        ports.put("native.port", config.remoting().port());
        ports.put("mqtt.port", config.mqtt().port());
        ports.put("mqtt.websocket-port", config.mqtt().webSocketPort());
        ports.put("dashboard.port", config.dashboard().port());
        if (config.security().tls().isPresent()) {
            ports.put("mqtt.tls-port", config.security().mqttTlsPort());
        }
        ports.forEach((key, port) -> findings.add(port(key, port)));
    }

    private Finding port(String key, int port) {
        String what = "port " + key;
        if (port == 0) {
            return Finding.good(what, "0: the server picks a free one");
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(config.bind(), port));
            return serverTime.isEmpty()
                    ? Finding.good(what, port + " is free")
                    : Finding.warning(
                            what, port + " is free, though a server runs", "is it one of another configuration?");
        } catch (IOException e) {
            return serverTime.isPresent()
                    ? Finding.good(what, port + " is in use, by the server that runs")
                    : Finding.bad(
                            what,
                            port + " at " + config.bind().getHostAddress() + " cannot be had: " + e.getMessage(),
                            "end the program that has it (ss -ltnp shows which), or --set " + key + "=another");
        }
    }

    private void directory(List<Finding> findings) {
        Path directory = config.storage().directory().toAbsolutePath();
        Path there = directory;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            findings.add(Finding.bad(
                    "data directory",
                    there + " cannot be written",
                    "choose another with --data, or give this user the right to write"));
            return;
        }
        findings.add(Finding.good("data directory", directory.toString()));
        try {
            space(findings, there);
            findings.add(speed(there));
        } catch (IOException e) {
            findings.add(Finding.bad("disk", there + ": " + e.getMessage(), "look at the disk and its file system"));
        }
    }

    private void space(List<Finding> findings, Path directory) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        long full = config.storage().fullBelow().bytes();
        long clean = config.retention().cleanBelow().bytes();
        String found = DataSize.ofMegabytes(free >> 20) + " are free";
        if (free < full) {
            findings.add(Finding.bad(
                    "disk space",
                    found + ": below storage.full-below messages are refused",
                    "free some, put --data on a larger disk, or lower storage.full-below"));
        } else if (free < clean) {
            findings.add(Finding.warning(
                    "disk space",
                    found + ": below storage.clean-below old messages go before their time",
                    "free some, or lower storage.retention or storage.clean-below"));
        } else {
            findings.add(Finding.good("disk space", found));
        }
    }

    /**
     * How long one small write takes to be on the disk: with storage.flush sync each group of messages waits so long.
     */
    private static Finding speed(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "polymq-doctor", ".tmp");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long began = System.nanoTime();
                channel.write(ByteBuffer.allocate(4096));
                channel.force(false);
                best = Math.min(best, System.nanoTime() - began);
            }
            long millis = best / 1_000_000;
            String found = String.format(java.util.Locale.ROOT, "a forced write takes %.1f ms", best / 1e6);
            return millis < SLOW_FORCE_MILLIS
                    ? Finding.good("disk speed", found)
                    : Finding.warning("disk speed", found, "with storage.flush: sync take a faster disk, or use async");
        } finally {
            Files.delete(file);
        }
    }

    private void files(List<Finding> findings) {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)) {
            return;
        }
        long most = system.getMaxFileDescriptorCount();
        long wanted = config.limits().connections() + OTHER_FILES;
        findings.add(
                most >= wanted
                        ? Finding.good("open files", "this process may have " + most)
                        : Finding.warning(
                                "open files",
                                "this process may have " + most + ", and limits.connections allows "
                                        + config.limits().connections() + " connections",
                                "ulimit -n " + wanted + " before the start, or LimitNOFILE=" + wanted
                                        + " in a systemd unit; or lower limits.connections"));
    }

    private static void memory(List<Finding> findings) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long free = available(system);
            String found = DataSize.ofMegabytes(free >> 20) + " are available";
            findings.add(
                    free >= 512L << 20
                            ? Finding.good("memory", found)
                            : Finding.warning("memory", found, "a server takes about 150 MB with POLYMQ_HEAP=64m"));
        }
    }

    /** Linux counts as free what only its page cache uses. */
    private static long available(UnixOperatingSystemMXBean system) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(system.getFreeMemorySize());
        } catch (IOException e) {
            return system.getFreeMemorySize();
        }
    }

    private void clock(List<Finding> findings) {
        Instant now = clock.instant();
        if (now.isBefore(OLDEST_SANE)) {
            findings.add(Finding.bad("clock", "it says " + now, "set the clock: delays and retention follow it"));
            return;
        }
        Optional<Instant> newest = newestFile();
        if (newest.isPresent() && newest.get().isAfter(now.plus(SAME_TIME))) {
            findings.add(Finding.bad(
                    "clock",
                    "it says " + now + ", but the log was written at " + newest.get(),
                    "set the clock, with NTP: it went back"));
        } else if (serverTime.isPresent()
                && Duration.between(serverTime.get(), now).abs().compareTo(SAME_TIME) > 0) {
            findings.add(Finding.warning(
                    "clock", "it says " + now + ", the server's says " + serverTime.get(), "set both clocks with NTP"));
        } else {
            findings.add(Finding.good("clock", "it says " + now));
        }
    }

    private Optional<Instant> newestFile() {
        try (Stream<Path> files = Files.list(config.storage().directory())) {
            Instant newest = Instant.EPOCH;
            for (Path file : files.toList()) {
                Instant written = Files.getLastModifiedTime(file).toInstant();
                newest = written.isAfter(newest) ? written : newest;
            }
            return newest.equals(Instant.EPOCH) ? Optional.empty() : Optional.of(newest);
        } catch (IOException none) {
            return Optional.empty(); // there is no log yet, or it may not be read: see the data directory
        }
    }

    private void advertised(List<Finding> findings) {
        InetAddress address = config.remoting().advertise();
        String what = "advertised address";
        String told = "RocketMQ clients are told " + address.getHostAddress();
        if (address.isLoopbackAddress() && !config.bind().isLoopbackAddress()) {
            findings.add(Finding.bad(
                    what, told + ", which is their own machine", "set advertise to an address that clients reach"));
        } else if (inContainer && config.bind().isAnyLocalAddress() && isInferred()) {
            findings.add(Finding.warning(
                    what,
                    told + ", this container's own address, which other machines do not reach",
                    "right for clients in its network; for others set advertise to an address of the host, and publish"
                            + " native.port under its own number"));
        } else if (serverTime.isPresent() && config.remoting().port() != 0) {
            findings.add(connect(
                    what, told, new InetSocketAddress(address, config.remoting().port())));
        } else if (isOfThisMachine(address)) {
            findings.add(Finding.good(what, told));
        } else {
            findings.add(Finding.warning(
                    what,
                    told + ", which is no address of this machine",
                    "right if that leads here, by port forwarding for instance; else set advertise"));
        }
    }

    private boolean isInferred() {
        return config.shown().getOrDefault("advertise", "").isEmpty();
    }

    private static Finding connect(String what, String told, InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, PATIENCE_MILLIS);
            return Finding.good(what, told + ", which is reached from here");
        } catch (IOException e) {
            return Finding.bad(
                    what,
                    told + ", and port " + address.getPort() + " is not reached from here: " + e.getMessage(),
                    "set advertise to an address that clients reach");
        }
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }
}
