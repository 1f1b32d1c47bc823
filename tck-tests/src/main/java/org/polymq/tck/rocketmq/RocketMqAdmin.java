/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.rocketmq.remoting.RPCHook;
import org.polymq.tck.client.AdminTool;
import org.polymq.tck.client.PrintedHere;

/** {@code MQAdminStartup} in this process. It is called by name: this class is compiled against the client alone. */
public final class RocketMqAdmin implements AdminTool {
    private static final String STARTUP = "org.apache.rocketmq.tools.command.MQAdminStartup";
    private static final String ADMIN = "org.apache.rocketmq.tools.admin.DefaultMQAdminExt";

    /** The tool gives up after 5 s, which a loaded machine may need. */
    private static final int MOST_ATTEMPTS = 5;

    private final String nameServer;
    private final Method main;

    /** {@code nameServer}: host:port. */
    public RocketMqAdmin(String nameServer) throws ReflectiveOperationException {
        this.nameServer = nameServer;
        this.main = Class.forName(STARTUP).getMethod("main0", String[].class, RPCHook.class);
    }

    @Override
    public String overview() throws Exception {
        return printed(new String[0]);
    }

    @Override
    public String run(String command) throws Exception {
        String output = printed(arguments(command));
        for (int attempt = 1; attempt < MOST_ATTEMPTS && output.contains("RemotingTimeoutException"); attempt++) {
            output = printed(arguments(command));
        }
        return output;
    }

    @Override
    public String runUntil(String command, String words, Duration patience) throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Thread running = new Thread(
                () -> PrintedHere.during(output, () -> {
                    invoke(arguments(command));
                    return null;
                }),
                "endless " + command);
        running.setDaemon(true);
        running.start();
        long end = System.nanoTime() + patience.toNanos();
        while (running.isAlive() && !output.toString(UTF_8).contains(words) && System.nanoTime() < end) {
            running.join(100);
        }
        running.interrupt();
        return output.toString(UTF_8);
    }

    @Override
    public String ask(String method, String... arguments) throws Exception {
        Class<?> type = Class.forName(ADMIN);
        Object admin = type.getConstructor().newInstance();
        type.getMethod("setNamesrvAddr", String.class).invoke(admin, nameServer);
        type.getMethod("setInstanceName", String.class)
                .invoke(admin, UUID.randomUUID().toString());
        type.getMethod("start").invoke(admin);
        try {
            Class<?>[] types = new Class<?>[arguments.length];
            Arrays.fill(types, String.class);
            return String.valueOf(type.getMethod(method, types).invoke(admin, (Object[]) arguments));
        } catch (InvocationTargetException e) {
            return String.valueOf(e.getCause());
        } finally {
            type.getMethod("shutdown").invoke(admin);
        }
    }

    private String[] arguments(String command) {
        List<String> arguments = new ArrayList<>(List.of(command.trim().split("\\s+", -1)));
        arguments.add("-n");
        arguments.add(nameServer);
        return arguments.toArray(String[]::new);
    }

    private String printed(String[] arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        PrintedHere.during(output, () -> {
            invoke(arguments);
            return null;
        });
        return output.toString(UTF_8);
    }

    private void invoke(String[] arguments) throws Exception {
        forgetCommands();
        main.invoke(null, arguments, null);
    }

    // A process runs one command: some of them cannot be run twice, so each run has commands of its own.
    private void forgetCommands() throws ReflectiveOperationException {
        for (Field field : main.getDeclaringClass().getDeclaredFields()) {
            if (Collection.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                ((Collection<?>) field.get(null)).clear();
            }
        }
    }
}
