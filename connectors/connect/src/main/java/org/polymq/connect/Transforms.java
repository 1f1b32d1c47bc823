/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The single message transforms of one task in their order, with their predicates. Used by the task's thread. */
final class Transforms<R extends ConnectRecord<R>> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Transforms.class);
    private static final String TYPE = "type";
    private static final String PREDICATE = "predicate";
    private static final String NEGATE = "negate";

    private final List<Step<R>> steps;

    /** One transform; without a predicate it takes every record. */
    private record Step<R extends ConnectRecord<R>>(
            Transformation<R> transform, @Nullable Predicate<R> predicate, boolean negate) {}

    private Transforms(List<Step<R>> steps) {
        this.steps = steps;
    }

    /** @throws ConfigException naming the key that is wrong */
    static <R extends ConnectRecord<R>> Transforms<R> of(CommonConfig config, Plugins plugins, ClassLoader near)
            throws Exception {
        List<Step<R>> steps = new ArrayList<>();
        for (String name : config.getList(CommonConfig.TRANSFORMS)) {
            steps.add(step(name, config, plugins, near));
        }
        return new Transforms<>(steps);
    }

    private static <R extends ConnectRecord<R>> Step<R> step(
            String name, CommonConfig config, Plugins plugins, ClassLoader near) throws Exception {
        String prefix = CommonConfig.TRANSFORMS + "." + name + ".";
        Map<String, Object> own = new HashMap<>(config.originalsWithPrefix(prefix));
        String condition = String.valueOf(own.getOrDefault(PREDICATE, ""));
        boolean negate = Boolean.parseBoolean(String.valueOf(own.getOrDefault(NEGATE, "false")));
        @SuppressWarnings("unchecked") // a transform takes any record
        Transformation<R> transform = plugins.make(
                prefix + TYPE, type(prefix, own), (Class<Transformation<R>>) (Class<?>) Transformation.class, near);
        own.keySet().removeAll(List.of(TYPE, PREDICATE, NEGATE));
        Foreign.run(transform.getClass().getClassLoader(), () -> transform.configure(own));
        return new Step<>(transform, condition.isEmpty() ? null : predicate(condition, config, plugins, near), negate);
    }

    private static <R extends ConnectRecord<R>> Predicate<R> predicate(
            String name, CommonConfig config, Plugins plugins, ClassLoader near) throws Exception {
        if (!config.getList(CommonConfig.PREDICATES).contains(name)) {
            throw new ConfigException(CommonConfig.PREDICATES, name, "a transform names it, and it is not in the list");
        }
        String prefix = CommonConfig.PREDICATES + "." + name + ".";
        Map<String, Object> own = new HashMap<>(config.originalsWithPrefix(prefix));
        @SuppressWarnings("unchecked") // a predicate takes any record
        Predicate<R> predicate =
                plugins.make(prefix + TYPE, type(prefix, own), (Class<Predicate<R>>) (Class<?>) Predicate.class, near);
        own.remove(TYPE);
        Foreign.run(predicate.getClass().getClassLoader(), () -> predicate.configure(own));
        return predicate;
    }

    private static String type(String prefix, Map<String, Object> own) {
        Object type = own.get(TYPE);
        if (type == null) {
            throw new ConfigException("Missing required configuration \"" + prefix + TYPE + "\"");
        }
        return String.valueOf(type);
    }

    /** The record as it goes on; null if a transform filtered it out. */
    @Nullable
    R apply(R record) {
        R current = record;
        for (Step<R> step : steps) {
            Predicate<R> predicate = step.predicate();
            if (predicate == null || predicate.test(current) != step.negate()) {
                current = step.transform().apply(current);
                if (current == null) {
                    return null;
                }
            }
        }
        return current;
    }

    @Override
    public void close() {
        for (Step<R> step : steps) {
            try {
                step.transform().close();
                if (step.predicate() != null) {
                    step.predicate().close();
                }
            } catch (RuntimeException e) {
                LOG.warn("{} did not close well", step.transform().getClass().getName(), e);
            }
        }
    }
}
