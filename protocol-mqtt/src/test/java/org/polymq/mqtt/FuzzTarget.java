/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.polymq.mqtt.Packets.*;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.polymq.broker.Broker;
import org.polymq.broker.TestBroker;
import org.slf4j.LoggerFactory;

/**
 * What the fuzzer calls: the bytes of one client, from its first on or after a CONNECT, handed to a connection in two
 * pieces. Found is what throws, what is logged as an error (exceptions that a connection caught, buffers that Netty
 * found leaked), and what keeps another client from being served.
 */
public final class FuzzTarget {
    /** So that what the fuzzer makes in one broker stays small. */
    private static final int INPUTS_PER_BROKER = 20_000;

    private static final String[] BEGINNINGS = {
        "",
        connect311("fuzz", true),
        connect311("fuzz", false),
        connect5("fuzz", true, "22" + u16(3)),
        connect5("fuzz", false, sessionExpiry(60)),
        connect5("fuzz", true) + subscribe5(1, "#", 2),
    };
    private static final byte[] PINGREQ = HexFormat.of().parseHex(PING);
    private static final AtomicReference<ILoggingEvent> ERROR = new AtomicReference<>();

    private static World world = World.EMPTY;
    private static int inputs;

    private FuzzTarget() {}

    /** A broker and a client that behaves. */
    private record World(Path directory, Broker broker, MqttBroker mqtt, EmbeddedChannel bystander) {
        @SuppressWarnings("NullAway") // until the first input
        private static final World EMPTY = new World(null, null, null, null);
    }

    /** Called once by the fuzzer. */
    public static void fuzzerInitialize() throws IOException {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.ERROR);
        AppenderBase<ILoggingEvent> errors = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                ERROR.compareAndSet(null, event);
            }
        };
        errors.setContext(root.getLoggerContext());
        errors.start();
        root.addAppender(errors);
        open();
    }

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length < 2) {
            return;
        }
        if (++inputs % INPUTS_PER_BROKER == 0) {
            close();
            open();
        }
        String beginning = BEGINNINGS[(input[0] & 0xFF) % BEGINNINGS.length];
        EmbeddedChannel channel = new EmbeddedChannel(new MqttConnection(world.mqtt()));
        write(channel, HexFormat.of().parseHex(beginning), 0, beginning.length() / 2);
        int cut = 2 + (input[1] & 0xFF) % (input.length - 1);
        write(channel, input, 2, Math.min(cut, input.length));
        write(channel, input, Math.min(cut, input.length), input.length);
        channel.checkException();
        channel.finishAndReleaseAll();
        serveTheBystander();
        ILoggingEvent error = ERROR.getAndSet(null);
        if (error != null) {
            throw new AssertionError(error.getFormattedMessage()
                    + (error.getThrowableProxy() == null
                            ? ""
                            : ": " + error.getThrowableProxy().getMessage()));
        }
    }

    private static void write(EmbeddedChannel channel, byte[] bytes, int from, int to) {
        if (from < to && channel.isOpen()) {
            channel.writeInbound(channel.alloc().buffer(to - from).writeBytes(bytes, from, to - from));
            channel.runPendingTasks();
            drain(channel);
        }
    }

    private static int drain(EmbeddedChannel channel) {
        int last = -1;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            if (out.isReadable()) {
                last = out.getUnsignedByte(out.readerIndex());
            }
            out.release();
        }
        return last;
    }

    private static void serveTheBystander() {
        EmbeddedChannel bystander = world.bystander();
        drain(bystander);
        bystander.writeInbound(bystander.alloc().buffer(2).writeBytes(PINGREQ));
        bystander.runPendingTasks();
        if (drain(bystander) != 0xD0) {
            throw new AssertionError("another client got no answer to its ping");
        }
    }

    private static void open() throws IOException {
        Path directory = Files.createTempDirectory("polymq-fuzz");
        Broker broker = TestBroker.open(directory);
        MqttBroker mqtt = new MqttBroker(
                MqttServices.of(broker, Clock.systemUTC()),
                MqttConfig.defaults().withTopicAliasMaximum(4),
                new SimpleMeterRegistry());
        EmbeddedChannel bystander = new EmbeddedChannel(new MqttConnection(mqtt));
        world = new World(directory, broker, mqtt, bystander);
        write(
                bystander,
                HexFormat.of().parseHex(connect311("bystander", true)),
                0,
                connect311("bystander", true).length() / 2);
    }

    private static void close() {
        world.bystander().finishAndReleaseAll();
        world.mqtt().close();
        world.broker().close();
        System.gc(); // Netty reports a leak when what was leaked is collected
        try (Stream<Path> files = Files.walk(world.directory())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called once by the fuzzer, at its end. */
    public static void fuzzerTearDown() {
        close();
        ILoggingEvent error = ERROR.get();
        if (error != null) {
            throw new AssertionError(error.getFormattedMessage());
        }
    }
}
