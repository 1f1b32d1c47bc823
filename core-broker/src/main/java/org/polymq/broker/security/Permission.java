/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.TopicFilter;

/**
 * One line of what a user or role may do, or may not: a denial wins over every permission.
 *
 * @param allowed false for a denial
 * @param actions at least one
 * @param type what the pattern names
 * @param pattern an MQTT filter for topics and filters; else a name in which {@code *} stands for any characters
 */
public record Permission(boolean allowed, Set<Action> actions, ResourceType type, String pattern) {
    /** The longest pattern, in characters. */
    public static final int MAX_PATTERN = 1024;

    /** @throws BrokerException INVALID_REQUEST or INVALID_NAME if it makes no sense */
    public Permission {
        if (actions.isEmpty() || type == ResourceType.TEMPORARY) {
            throw new BrokerException(Reason.INVALID_REQUEST, "a permission needs actions and something they are on");
        }
        if (pattern.isEmpty() || pattern.length() > MAX_PATTERN) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "a permission's pattern has " + pattern.length() + " characters, not 1 to " + MAX_PATTERN);
        }
        if (type == ResourceType.TOPIC || type == ResourceType.FILTER) {
            TopicFilter.of(pattern);
        }
        if (type == ResourceType.FILTER && !actions.equals(Set.of(Action.SUB))) {
            throw new BrokerException(Reason.INVALID_REQUEST, "a permission on a filter is for SUB alone");
        }
        actions = Set.copyOf(actions);
    }

    /** May do everything, with system names included. */
    public static Permission everything() {
        return new Permission(true, EnumSet.allOf(Action.class), ResourceType.ANY, "*");
    }

    /**
     * Reads {@code allow|deny ACTION[,ACTION] TYPE:PATTERN}, such as {@code allow PUB,SUB topic:plant/+/heat}.
     *
     * @throws BrokerException INVALID_REQUEST if it is not of this form
     */
    public static Permission parse(String text) {
        String[] words = text.strip().split("\\s+", 3);
        int colon = words.length == 3 ? words[2].indexOf(':') : -1;
        if (colon < 0) {
            throw new BrokerException(
                    Reason.INVALID_REQUEST,
                    "a permission is written \"allow PUB,SUB topic:a/#\": allow or deny, actions, type:pattern");
        }
        boolean allowed = switch (words[0].toLowerCase(Locale.ROOT)) {
            case "allow" -> true;
            case "deny" -> false;
            default -> throw new BrokerException(Reason.INVALID_REQUEST, "a permission begins with allow or deny");
        };
        return new Permission(
                allowed,
                actions(words[1]),
                ResourceType.ofWord(words[2].substring(0, colon)),
                words[2].substring(colon + 1));
    }

    private static Set<Action> actions(String words) {
        EnumSet<Action> actions = EnumSet.noneOf(Action.class);
        for (String word : words.split(",", -1)) {
            try {
                actions.add(Action.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST, "a permission's actions are PUB, SUB and MANAGE", unknown);
            }
        }
        return actions;
    }

    /** Whether this permits the action on everything the resource stands for. */
    boolean covers(Action action, Resource resource) {
        return actions.contains(action) && matches(resource, false);
    }

    /** Whether this speaks of the action on anything the resource stands for. */
    boolean touches(Action action, Resource resource) {
        return actions.contains(action) && matches(resource, true);
    }

    private boolean matches(Resource resource, boolean partly) {
        if (type == ResourceType.ANY) {
            return true;
        }
        if (type == ResourceType.FILTER) {
            return resource.type() == ResourceType.TOPIC && pattern.equals(resource.name());
        }
        if (type != resource.type()) {
            return false;
        }
        return switch (type) {
            case TOPIC ->
                partly
                        ? Patterns.touches(pattern, resource.name(), resource.filter())
                        : Patterns.covers(pattern, resource.name(), resource.filter());
            case QUEUE, GROUP, CLIENT -> Patterns.glob(pattern, resource.name());
            case CLUSTER -> true;
            case ANY, TEMPORARY, FILTER -> false;
        };
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(allowed);
        int bits = 0;
        for (Action action : actions) {
            bits |= action.bit();
        }
        out.writeByte(bits);
        out.writeByte(type.code());
        out.writeUTF(pattern);
    }

    static Permission read(DataInput in) throws IOException {
        boolean allowed = in.readBoolean();
        int bits = in.readByte();
        EnumSet<Action> actions = EnumSet.noneOf(Action.class);
        for (Action action : Action.values()) {
            if ((bits & action.bit()) != 0) {
                actions.add(action);
            }
        }
        return new Permission(allowed, actions, ResourceType.of(in.readByte()), in.readUTF());
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return (allowed ? "allow " : "deny ")
                + actions.stream().sorted().map(Action::name).collect(Collectors.joining(","))
                + " " + type.word() + ":" + pattern;
    }
}
