/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a program prints on standard output and standard error for itself, also from threads that it starts, while
 * other threads print where they did before.
 */
public final class PrintedHere {
    private static final InheritableThreadLocal<@Nullable PrintStream> TAKEN = new InheritableThreadLocal<>();
    private static boolean installed;

    private PrintedHere() {}

    /** Runs a program whose output goes to a stream. An exception of its own is printed there, as a JVM would. */
    public static void during(OutputStream output, Callable<?> program) {
        install();
        PrintStream taken = new PrintStream(output, true, StandardCharsets.UTF_8);
        TAKEN.set(taken);
        try {
            program.call();
        } catch (Exception e) {
            e.printStackTrace(taken);
        } finally {
            TAKEN.remove();
        }
    }

    private static synchronized void install() {
        if (!installed) {
            installed = true;
            System.setOut(new PrintStream(new Divided(System.out), true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(new Divided(System.err), true, StandardCharsets.UTF_8));
        }
    }

    private static final class Divided extends OutputStream {
        private final PrintStream otherwise;

        Divided(PrintStream otherwise) {
            this.otherwise = otherwise;
        }

        private PrintStream stream() {
            PrintStream taken = TAKEN.get();
            return taken == null ? otherwise : taken;
        }

        @Override
        public void write(int b) {
            stream().write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            stream().write(bytes, from, length);
        }

        @Override
        public void flush() {
            stream().flush();
        }
    }
}
