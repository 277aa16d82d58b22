using System.CommandLine;
using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Personalities;
using SoftIov.Tests.Daemon;
using SoftIov.Tests.House;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary>The guide says what the program does: keys with their values and defaults, commands with their options.</summary>
public partial class GuideTests
{
    private const string Configuration = "docs/guide/configuration.md";
    private const string CommandGuide = "docs/guide/cli.md";

    [Fact]
    public void Every_key_of_an_adapter_is_documented_with_values_and_default() => Assert.Equal(
        Real(NetAdapterSettings.All, new NetAdapterSpec("")), Documented("## Keys of an adapter").Where(k => k.Key is not ("name" or "vfs")));

    [Fact]
    public void Every_key_of_a_VF_is_documented_with_values_and_default() => Assert.Equal(
        Real(NetVfSettings.All, NetVfSpec.Default), Documented("## Keys of a VF"));

    [Fact]
    public void Every_key_of_an_nvme_adapter_is_documented_with_values_and_default() => Assert.Equal(
        Real(NvmeAdapterSettings.All, new NvmeAdapterSpec("")),
        Documented("## Keys of an nvme adapter").Where(k => k.Key is not ("name" or "vfs" or "namespaces")));

    [Fact]
    public void Every_key_of_a_namespace_is_documented_with_values_and_default() => Assert.Equal(
        Real(NamespaceSettings.All, new NamespaceSpec(null)), Documented("### Namespaces").Where(k => k.Key is not "id"));

    [Fact]
    public void Every_key_of_a_VF_of_an_nvme_adapter_is_documented_with_values_and_default() => Assert.Equal(
        Real(NvmeVfSettings.All, NvmeVfSpec.Default), Documented("## Keys of a VF of an nvme adapter"));

    [Fact]
    public void Ways_to_write_a_backing_mean_the_same()
    {
        var rows = Rows(Section(Configuration, "### Backing")).Where(r => r[0].StartsWith('`')).ToArray();

        Assert.Equal(5, rows.Length);
        Assert.All(rows, row => Assert.Equal(Backing(row[0].Trim('`')), Backing(row[1].Trim('`'))));
    }

    [Fact]
    public void Examples_of_configuration_are_valid()
    {
        string[] examples = [.. YamlBlock().Matches(Repository.Read(Configuration)).Select(m => m.Groups[1].Value)];

        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.NotEmpty(ConfigurationReader.Read(example, null).Adapters));
    }

    [Fact]
    public void Ways_to_write_an_uplink_mean_the_same()
    {
        var rows = Rows(Section(Configuration, "### Uplink")).Where(r => r[0].StartsWith("`uplink", StringComparison.Ordinal)).ToArray();

        Assert.Equal(4, rows.Length);
        foreach (string[] row in rows)
        {
            UplinkSpec one = Uplink(row[0].Trim('`'));
            Assert.Equal(one, row[1].StartsWith('`') ? Uplink(row[1].Trim('`')) : UplinkSpec.None);
        }
    }

    [Fact]
    public void The_configuration_in_the_README_is_valid()
    {
        string yaml = HereDocument().Match(Repository.Read("README.md")).Groups[1].Value;

        Assert.Equal(["net0", "net1"], ConfigurationReader.Read(yaml, null).Adapters.Select(a => a.Name));
    }

    [Fact]
    public void Every_command_and_every_option_is_in_the_guide()
    {
        RootCommand root = CommandLine.Build(new CommandContext(TerminalModel.Of(new StringWriter(), new StringWriter())));
        var missing = new List<string>();
        foreach (Command command in root.Subcommands.Where(c => !c.Hidden))
        {
            string section = Section(CommandGuide, $"### softiov {command.Name}");
            IEnumerable<string> words = command.Subcommands.Select(c => $"softiov {command.Name} {c.Name}")
                .Concat(command.Subcommands.Append(command).SelectMany(c => c.Options).Select(o => o.Name));
            missing.AddRange(words.Where(word => !section.Contains($"`{word}", StringComparison.Ordinal)).Select(word => $"{command.Name} {word}"));
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void The_guide_names_no_command_that_is_not_there()
    {
        RootCommand root = CommandLine.Build(new CommandContext(TerminalModel.Of(new StringWriter(), new StringWriter())));
        IEnumerable<string> named = CommandHeading().Matches(Repository.Read(CommandGuide)).Select(m => m.Groups[1].Value);

        Assert.Equal(root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).Order(), named.Order());
    }

    private static IEnumerable<(string Key, string Values, string Default)> Real<TSpec>(IReadOnlyList<Setting<TSpec>> settings, TSpec usual)
        where TSpec : class => settings.Select(s => (s.Key, s.Expected, s.Show(usual)));

    private static IEnumerable<(string Key, string Values, string Default)> Documented(string heading) =>
        Rows(Section(Configuration, heading)).Where(r => r[0].StartsWith('`')).Select(r => (r[0].Trim('`'), r[1], r[2]));

    private static UplinkSpec Uplink(string line) =>
        ConfigurationReader.Read($"adapters:\n  - name: net0\n    {line}", null).Net().Uplink;

    private static BackingSpec? Backing(string line) => ((NvmeAdapterSpec)ConfigurationReader
        .Read($"adapters:\n  - name: disk0\n    personality: nvme\n    {line}", null).Adapters[0]).Backing;

    private static string Section(string document, string heading)
    {
        string text = Repository.Read(document);
        int start = text.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"{document} has no '{heading}'");
        int level = heading.IndexOf(' ', StringComparison.Ordinal);
        Match next = Regex.Match(text[(start + 1 + heading.Length)..], $@"^#{{1,{level}}} ", RegexOptions.Multiline);
        return next.Success ? text.Substring(start, 1 + heading.Length + next.Index) : text[start..];
    }

    private static IEnumerable<string[]> Rows(string section) => section.Split('\n')
        .TakeWhile(line => !line.StartsWith("### ", StringComparison.Ordinal) || section.StartsWith($"\n{line}", StringComparison.Ordinal))
        .Where(line => line.StartsWith('|'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]);

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex("<<END\n(.*?)\nEND\n", RegexOptions.Singleline)]
    private static partial Regex HereDocument();

    [GeneratedRegex("^### softiov ([a-z]+)$", RegexOptions.Multiline)]
    private static partial Regex CommandHeading();
}
