/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.Logger;

/**
 * Logs one line an event to standard error: a file of XML would cost a tenth of the start. The level comes from the
 * system property {@code polymq.log.level}, or later from {@link #level}. A file named by
 * {@code logback.configurationFile} takes its place.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {
    private static final String CONSOLE = "console";
    private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level [%thread] %logger{1}: %safe%n%safeEx";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Encoder<ILoggingEvent> encoder = encoder(context);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName(CONSOLE);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(System.getProperty("polymq.log.level"), Level.INFO));
        root.addAppender(console);
        // The engine tells of each step, and twice a second of each node that is away, as an error.
        context.getLogger("com.alipay.sofa.jraft").setLevel(Level.WARN);
        context.getLogger("com.alipay.sofa.jraft.core.Replicator").setLevel(Level.ERROR);
        context.getLogger("com.alipay.sofa.jraft.core.ReplicatorGroupImpl").setLevel(Level.OFF);
        // So does the grid; that members come and go is said by who uses it.
        context.getLogger("com.hazelcast").setLevel(Level.ERROR);
        // What a process of several groups counts is shown by its first group, which comes and goes.
        context.getLogger("io.micrometer.core.instrument.composite.CompositeMeterRegistry")
                .setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static Encoder<ILoggingEvent> encoder(LoggerContext context) {
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(PATTERN);
        layout.getInstanceConverterMap().put("safe", EscapedMessage.OfMessage::new);
        layout.getInstanceConverterMap().put("safeEx", EscapedMessage.OfThrowable::new);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.start();
        return encoder;
    }

    static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithSequenceNumber(false);
        encoder.setWithContext(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        encoder.start();
        return encoder;
    }

    /**
     * Writes one object a line from now on if the format is {@code json}. A file of logback's own decides for itself.
     */
    public static void format(String format) {
        if (format.equals("json")
                && org.slf4j.LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(CONSOLE)
                        instanceof ConsoleAppender<ILoggingEvent> console) {
            console.stop();
            console.setEncoder(json(context));
            console.start();
        }
    }

    /** Sets the level of everything: error, warn, info, debug or trace; another word means info. */
    public static void level(String name) {
        if (org.slf4j.LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME)
                    .setLevel(Level.toLevel(name.toUpperCase(Locale.ROOT), Level.INFO));
        }
    }
}
