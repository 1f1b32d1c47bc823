/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hears SIGTERM and SIGINT when the process is stopping already, which Java itself ignores then. By reflection, since
 * the type for that, {@code sun.misc.Signal}, is not part of the platform's specification; where it is missing the
 * second signal is ignored as ever.
 */
final class SecondSignal {
    private SecondSignal() {}

    /** From now on the first signal ends the process as usual, and each later one runs {@code again}. */
    static void runs(Runnable again) {
        AtomicBoolean stopping = new AtomicBoolean();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object own = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, given) -> {
                        if (method.getName().equals("handle")) {
                            if (stopping.compareAndSet(false, true)) {
                                System.exit(128
                                        + (int) signal.getMethod("getNumber").invoke(given[0]));
                            }
                            again.run();
                        }
                        return null;
                    });
            for (String name : new String[] {"TERM", "INT"}) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), own);
            }
        } catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            System.err.println("polymq: a second signal will be ignored: " + e);
        } catch (InvocationTargetException e) {
            System.err.println("polymq: a second signal will be ignored: " + e.getCause());
        }
    }
}
