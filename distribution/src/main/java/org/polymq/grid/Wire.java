/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.config.SerializationConfig;
import com.hazelcast.nio.serialization.compact.CompactReader;
import com.hazelcast.nio.serialization.compact.CompactSerializer;
import com.hazelcast.nio.serialization.compact.CompactWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.polymq.broker.cluster.NodePresence;

/**
 * How everything that members send each other is written: explicitly, field by field, never by Java's serialization.
 * Members of the next version read what these write: fields are only ever added, under new names.
 */
final class Wire {
    static final int FACTORY = 0x706d71;
    static final int HIGHER_EPOCH = 1;

    private Wire() {}

    /** One type's: a name for all times, and its fields both ways. */
    private record Fields<T>(
            Class<T> type, String name, BiConsumer<CompactWriter, T> writing, Function<CompactReader, T> reading)
            implements CompactSerializer<T> {
        @Override
        public T read(CompactReader in) {
            return reading.apply(in);
        }

        @Override
        public void write(CompactWriter out, T value) {
            writing.accept(out, value);
        }

        @Override
        public String getTypeName() {
            return name;
        }

        @Override
        public Class<T> getCompactClass() {
            return type;
        }
    }

    /** Hazelcast's interface for merge policies asks for this kind of serialization. */
    static void register(SerializationConfig config) {
        config.addDataSerializableFactory(FACTORY, id -> switch (id) {
            case HIGHER_EPOCH -> new HigherEpoch();
            default -> throw new IllegalArgumentException("no type " + id);
        });
    }

    static List<CompactSerializer<?>> serializers() {
        List<CompactSerializer<?>> all = new ArrayList<>(claims());
        all.addAll(counts());
        all.addAll(told());
        return all;
    }

    private static List<CompactSerializer<?>> claims() {
        return List.of(
                new Fields<>(
                        Owner.class,
                        "polymq.owner",
                        (out, owner) -> {
                            out.writeInt64("gateway", owner.gateway());
                            out.writeInt64("epoch", owner.epoch());
                            out.writeBoolean("contested", owner.contested());
                        },
                        in -> new Owner(in.readInt64("gateway"), in.readInt64("epoch"), in.readBoolean("contested"))),
                new Fields<>(
                        TakeClaim.class,
                        "polymq.claim.take",
                        (out, take) -> {
                            out.writeInt64("gateway", take.gateway());
                            out.writeInt64("seen", take.seen());
                            out.writeInt64("now", take.now());
                        },
                        in -> new TakeClaim(in.readInt64("gateway"), in.readInt64("seen"), in.readInt64("now"))),
                new Fields<>(
                        TakeClaim.Taken.class,
                        "polymq.claim.taken",
                        (out, taken) -> {
                            out.writeInt64("epoch", taken.epoch());
                            out.writeInt64("from", taken.from());
                            out.writeInt64("fromEpoch", taken.fromEpoch());
                        },
                        in -> new TakeClaim.Taken(
                                in.readInt64("epoch"), in.readInt64("from"), in.readInt64("fromEpoch"))),
                new Fields<>(
                        AssertClaim.class,
                        "polymq.claim.assert",
                        (out, asserted) -> {
                            out.writeInt64("gateway", asserted.gateway());
                            out.writeInt64("epoch", asserted.epoch());
                        },
                        in -> new AssertClaim(in.readInt64("gateway"), in.readInt64("epoch"))),
                new Fields<>(
                        ReleaseClaim.class,
                        "polymq.claim.release",
                        (out, release) -> {
                            out.writeInt64("gateway", release.gateway());
                            out.writeInt64("epoch", release.epoch());
                        },
                        in -> new ReleaseClaim(in.readInt64("gateway"), in.readInt64("epoch"))));
    }

    private static List<CompactSerializer<?>> counts() {
        return List.of(
                new Fields<>(Shares.class, "polymq.shares", (out, shares) -> write(out, shares.of()), Wire::readShares),
                new Fields<>(
                        ReportShare.class,
                        "polymq.shares.report",
                        (out, report) -> {
                            write(out, List.of(report.share()));
                            out.writeArrayOfInt64("live", longs(report.live()));
                        },
                        in -> new ReportShare(readShares(in).of().get(0), set(in.readArrayOfInt64("live")))),
                new Fields<>(
                        Failures.class,
                        "polymq.failures",
                        (out, failures) -> {
                            out.writeInt32("count", failures.count());
                            out.writeInt64("lastAt", failures.lastAt());
                        },
                        in -> new Failures(in.readInt32("count"), in.readInt64("lastAt"))),
                new Fields<>(
                        CountFailure.class,
                        "polymq.failures.count",
                        (out, count) -> {
                            out.writeInt64("now", count.now());
                            out.writeInt64("forgottenAfter", count.forgottenAfter());
                        },
                        in -> new CountFailure(in.readInt64("now"), in.readInt64("forgottenAfter"))));
    }

    private static List<CompactSerializer<?>> told() {
        return List.of(
                new Fields<>(
                        NodePresence.class,
                        "polymq.presence",
                        (out, node) -> {
                            out.writeString("name", node.name());
                            out.writeArrayOfString("addresses", node.addresses().toArray(String[]::new));
                            out.writeInt32("connections", node.connections());
                            out.writeFloat64("load", node.load());
                            out.writeInt64("since", node.since());
                        },
                        in -> new NodePresence(
                                text(in.readString("name")),
                                Arrays.stream(in.readArrayOfString("addresses")).toList(),
                                in.readInt32("connections"),
                                in.readFloat64("load"),
                                in.readInt64("since"))),
                new Fields<>(
                        Told.Elsewhere.class,
                        "polymq.told.elsewhere",
                        (out, told) -> {
                            out.writeString("client", told.clientId());
                            out.writeInt64("epoch", told.epoch());
                        },
                        in -> new Told.Elsewhere(text(in.readString("client")), in.readInt64("epoch"))),
                new Fields<>(
                        Told.Failing.class,
                        "polymq.told.failing",
                        (out, told) -> {
                            out.writeString("user", told.user());
                            out.writeString("address", told.address());
                            out.writeInt32("count", told.count());
                        },
                        in -> new Told.Failing(
                                text(in.readString("user")), text(in.readString("address")), in.readInt32("count"))));
    }

    private static void write(CompactWriter out, List<Shares.Share> shares) {
        out.writeArrayOfInt64("ids", shares.stream().mapToLong(Shares.Share::id).toArray());
        out.writeArrayOfInt32(
                "counts", shares.stream().mapToInt(Shares.Share::count).toArray());
        out.writeArrayOfInt64(
                "orders", shares.stream().mapToLong(Shares.Share::order).toArray());
    }

    @SuppressWarnings("NullAway") // written above
    private static Shares readShares(CompactReader in) {
        long[] ids = in.readArrayOfInt64("ids");
        int[] counts = in.readArrayOfInt32("counts");
        long[] orders = in.readArrayOfInt64("orders");
        List<Shares.Share> shares = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            shares.add(new Shares.Share(ids[i], counts[i], orders[i]));
        }
        return new Shares(shares);
    }

    private static long[] longs(Set<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static Set<Long> set(long[] values) {
        return Arrays.stream(values).boxed().collect(Collectors.toUnmodifiableSet());
    }

    @SuppressWarnings("NullAway")
    private static String text(String text) {
        return text == null ? "" : text;
    }
}
