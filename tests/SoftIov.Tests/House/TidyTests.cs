using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace SoftIov.Tests.House;

/// <summary>What STYLE.md asks for and no compiler holds. Each test lists every place that breaks its rule.</summary>
public sealed partial class TidyTests
{
    private const int LongestLine = 150;
    private const int LongestFile = 400;
    private const int LongestMethod = 70;

    [Fact]
    public void Lines_are_at_most_150_columns() =>
        Refuse(Sources().SelectMany(path => Lines(path).Where(line => line.Text.Length > LongestLine).Select(line => line.Place)));

    [Fact]
    public void Files_are_at_most_400_lines() =>
        Refuse(Sources().Where(path => Lines(path).Count() > LongestFile));

    [Fact]
    public void Methods_are_at_most_70_lines() => Refuse(
        from path in Sources()
        from method in Repository.Parse(path).DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
        let span = method.GetLocation().GetLineSpan()
        where span.EndLinePosition.Line - span.StartLinePosition.Line + 1 > LongestMethod
        select $"{path}:{span.StartLinePosition.Line + 1}");

    [Fact]
    public void A_file_holds_one_type_and_has_its_name() => Refuse(
        from path in Sources()
        let types = Repository.Parse(path).DescendantNodes(node => node is not TypeDeclarationSyntax).OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax).ToArray()
        where types.Length > 1 || (types.Length == 1 && !IsNamedAfter(path, NameOf(types[0])))
        select path);

    [Fact]
    public void Public_and_internal_types_say_what_they_are() => Refuse(
        from path in Sources()
        where path.StartsWith("src/", StringComparison.Ordinal)
        from type in Repository.Parse(path).DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where type.Parent is BaseNamespaceDeclarationSyntax && !IsDocumented(type)
        select $"{path}: {type.Identifier.Text}");

    [Fact]
    public void Nothing_is_called_Common_Util_Helper_or_Manager() => Refuse(
        from path in Sources()
        where VagueName().IsMatch(path)
        select path);

    [Fact]
    public void Nothing_is_left_for_later() => Refuse(
        from path in Sources()
        where !path.EndsWith("TidyTests.cs", StringComparison.Ordinal)
        from line in Lines(path)
        where Leftover().IsMatch(line.Text)
        select line.Place);

    [Fact]
    public void No_regions_and_no_forced_optimisation() => Refuse(
        from path in Sources()
        where !path.EndsWith("TidyTests.cs", StringComparison.Ordinal)
        from line in Lines(path)
        where line.Text.Contains("#region", StringComparison.Ordinal)
            || line.Text.Contains("MethodImplOptions.AggressiveOptimization", StringComparison.Ordinal)
        select line.Place);

    [Fact]
    public void Links_between_documents_lead_somewhere() => Refuse(
        from path in Repository.Files(".md")
        from Match link in Link().Matches(Repository.Read(path))
        let target = link.Groups[1].Value.Split('#')[0]
        where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
        let file = Path.Combine(Repository.Root, Path.GetDirectoryName(path) ?? "", target)
        where !Path.Exists(file)
        select $"{path}: {target}");

    private static IEnumerable<string> Sources() => Repository.Files(".cs");

    private static IEnumerable<(string Place, string Text)> Lines(string path) =>
        Repository.Read(path).TrimEnd('\n').Split('\n').Select((text, i) => ($"{path}:{i + 1}", text));

    private static bool IsNamedAfter(string path, string type)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        return file == type || file.StartsWith(type + ".", StringComparison.Ordinal);
    }

    private static string NameOf(MemberDeclarationSyntax type) =>
        type is BaseTypeDeclarationSyntax named ? named.Identifier.Text : ((DelegateDeclarationSyntax)type).Identifier.Text;

    private static bool IsDocumented(BaseTypeDeclarationSyntax type) =>
        type.GetLeadingTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia));

    private static void Refuse(IEnumerable<string> places)
    {
        string[] all = [.. places];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }

    [GeneratedRegex(@"(Common|Utils?|Utilit(y|ies)|Helpers?|Manager)\.cs$|/(Common|Utils?|Helpers?)/")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
