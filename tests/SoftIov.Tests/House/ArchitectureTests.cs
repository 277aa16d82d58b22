using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace SoftIov.Tests.House;

/// <summary>ARCHITECTURE.md says which project may use which; the compiler holds what the project files say; this holds the two together.</summary>
public sealed partial class ArchitectureTests
{
    private const string Prefix = "SoftIov.";

    [Fact]
    public void Project_references_are_those_of_the_table()
    {
        Dictionary<string, string[]> allowed = Table();
        var wrong = new List<string>();
        foreach (string path in Repository.Files(".csproj").Where(p => p.StartsWith("src/", StringComparison.Ordinal)))
        {
            string project = Short(Path.GetFileNameWithoutExtension(path));
            if (!allowed.TryGetValue(project, out string[]? may))
            {
                wrong.Add($"{project} is not in the table");
                continue;
            }

            wrong.AddRange(References(path).Except(may).Select(reference => $"{project} references {reference}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_project_of_the_table_exists()
    {
        string[] projects = [.. Repository.Files(".csproj").Select(path => Short(Path.GetFileNameWithoutExtension(path)))];
        Assert.Empty(Table().Keys.Except(projects));
    }

    [Fact]
    public void Only_Memory_and_Linux_allow_unsafe_code() => Assert.Equal(
        ["src/SoftIov.Linux/SoftIov.Linux.csproj", "src/SoftIov.Memory/SoftIov.Memory.csproj"],
        Repository.Files(".csproj").Where(path => Repository.Read(path).Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal)));

    [Fact]
    public void Files_that_the_walks_name_exist()
    {
        string text = Repository.Read("ARCHITECTURE.md");
        string[] missing = [.. SourcePath().Matches(text).Select(m => m.Value).Where(p => !Path.Exists(Path.Combine(Repository.Root, p)))];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    private static Dictionary<string, string[]> Table()
    {
        var table = new Dictionary<string, string[]>();
        foreach (Match row in Row().Matches(Repository.Read("ARCHITECTURE.md")))
        {
            string[] may = [.. row.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries).Where(name => name is not ("-" or ""))];
            foreach (string project in row.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
                table.Add(project, may);
        }

        return table;
    }

    private static IEnumerable<string> References(string path) => XDocument.Parse(Repository.Read(path))
        .Descendants("ProjectReference")
        .Select(reference => Short(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)));

    private static string Short(string project) =>
        project.StartsWith(Prefix, StringComparison.Ordinal) ? project[Prefix.Length..] : project;

    [GeneratedRegex(@"^\| ([A-Z]\w+(?:, [A-Z]\w+)*) \| ([A-Z]\w+(?:, [A-Z]\w+)*|-) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"src/[\w./-]+\.cs")]
    private static partial Regex SourcePath();
}
