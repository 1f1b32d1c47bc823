/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * What JUnit's XML says of one class of the TCK.
 *
 * @param name the class
 * @param passed names of the test methods that passed
 * @param failed those that failed or did not run, each once
 * @param seconds how long it took
 */
record TckResults(String name, List<String> passed, List<Failure> failed, double seconds) {
    /** A test that did not pass, and the first line of what it said. */
    record Failure(String method, String message) {}

    TckResults {
        passed = List.copyOf(passed);
        failed = List.copyOf(failed);
    }

    /** Reads every report in the directory; no report, or one without tests, is a failure of the class. */
    static TckResults read(String name, Path reports, String whenMissing) throws IOException {
        List<String> passed = new ArrayList<>();
        List<Failure> failed = new ArrayList<>();
        double seconds = 0;
        List<Path> files;
        try (Stream<Path> found = Files.list(reports)) {
            files = found.filter(file -> file.getFileName().toString().startsWith("TEST-")
                            && file.getFileName().toString().endsWith(".xml"))
                    .toList();
        }
        for (Path file : files) {
            Element suite = parse(file);
            seconds += Double.parseDouble(suite.getAttribute("time"));
            NodeList cases = suite.getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                String method = test.getAttribute("name").replace("()", "");
                String problem = problem(test);
                if (problem.isEmpty()) {
                    passed.add(method);
                } else {
                    failed.add(new Failure(method, problem));
                }
            }
        }
        if (passed.isEmpty() && failed.isEmpty()) {
            failed.add(new Failure("(class)", whenMissing));
        }
        return new TckResults(name, passed, failed, seconds);
    }

    private static Element parse(Path file) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException(file + " is no report of JUnit: " + e.getMessage(), e);
        }
    }

    /** Why a test did not pass; empty if it did. */
    private static String problem(Element test) {
        for (String kind : List.of("failure", "error", "skipped")) {
            NodeList found = test.getElementsByTagName(kind);
            if (found.getLength() > 0) {
                Element problem = (Element) found.item(0);
                String message = problem.getAttribute("message");
                String text = message.isEmpty() ? problem.getTextContent().strip() : message;
                int end = text.indexOf('\n');
                return kind + ": " + (end < 0 ? text : text.substring(0, end));
            }
        }
        return "";
    }

    int tests() {
        return passed.size() + failed.size();
    }

    /** These results where what a second run says replaces what the first said of the same methods. */
    TckResults afterRerun(TckResults again) {
        List<String> good = new ArrayList<>(passed);
        List<Failure> bad = new ArrayList<>();
        for (Failure failure : failed) {
            if (again.passed().contains(failure.method())) {
                good.add(failure.method());
            } else {
                bad.add(failure);
            }
        }
        return new TckResults(name, good, bad, seconds + again.seconds());
    }
}
