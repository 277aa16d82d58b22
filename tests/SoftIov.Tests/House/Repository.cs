using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SoftIov.Tests.House;

/// <summary>The files of this repository, for tests about the house itself.</summary>
internal static class Repository
{
    private static readonly string[] Skipped = ["bin", "obj", ".git", "artifacts", "TestResults"];

    /// <summary>The folder with the solution in it.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths of all files with an ending, relative to the root.</summary>
    public static IEnumerable<string> Files(string ending) => Below(Root)
        .Where(path => path.EndsWith(ending, StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(Root, path))
        .Order(StringComparer.Ordinal);

    /// <summary>A file as text.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>A source file as a syntax tree.</summary>
    public static CompilationUnitSyntax Parse(string path) =>
        (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(Read(path), path: path).GetRoot();

    private static IEnumerable<string> Below(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
            yield return file;
        foreach (string child in Directory.EnumerateDirectories(folder))
        {
            if (Skipped.Contains(Path.GetFileName(child)))
                continue;
            foreach (string file in Below(child))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SoftIov.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Not below a folder with SoftIov.slnx.");
    }
}
