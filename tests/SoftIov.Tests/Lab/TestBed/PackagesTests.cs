using SoftIov.Lab.TestBed;
using Xunit;

namespace SoftIov.Tests.Lab.TestBed;

public sealed class PackagesTests
{
    [Fact]
    public void A_line_of_apt_names_package_version_and_size()
    {
        const string File = "qemu-system-x86_1%3a11.1.3+ds-1_amd64.deb";
        DebianPackage? package = DebianPackage.Parse($"'http://mirror.example/pool/q/qemu.deb' {File} 10377056 SHA256:00");
        Assert.Equal(new DebianPackage("qemu-system-x86", "1:11.1.3+ds-1", File, 10_377_056), package);
        Assert.Null(DebianPackage.Parse("Reading package lists..."));
        Assert.Null(DebianPackage.Parse(""));
    }

    [Fact]
    public void The_mirror_is_that_of_the_release_not_of_its_security_or_of_others()
    {
        const string Addresses = """
            'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_debian_dists_bookworm_InRelease 0
            'http://mirror.example/security/dists/bookworm-security/main/binary-amd64/Packages.xz' security_Packages 0
            'http://vendor.example/dists/nodistro/main/binary-amd64/Packages.xz' vendor_Packages 0
            'http://flat.example/./Packages.xz' flat_Packages 0
            'http://source.example/dists/bookworm/main/source/Sources.xz' source_Sources 0
            'http://other.example/dists/bookworm/contrib/binary-amd64/Packages.xz' other_Packages 0
            'http://latest.example/debian/dists/stable/main/binary-amd64/Packages.xz' latest_Packages 0
            'mirror+http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' main_Packages 0
            """;
        Assert.Equal("mirror+http://mirror.example/debian/", DebianRelease.FindMirror(Addresses, "bookworm"));
        Assert.Equal("http://latest.example/debian/", DebianRelease.FindMirror(Addresses, "trixie"));
        Assert.Null(DebianRelease.FindMirror("'http://vendor.example/dists/nodistro/main/binary-amd64/Packages.xz' vendor_Packages 0", "bookworm"));
        Assert.Null(DebianRelease.FindMirror("", "bookworm"));
    }

    [Theory]
    [InlineData(12, "bookworm", "trixie trixie-backports")]
    [InlineData(13, "trixie", "trixie trixie-backports")]
    [InlineData(14, "forky", "forky forky-backports")]
    [InlineData(int.MaxValue, "sid", "sid")]
    public void Newer_suites_follow_the_release(int number, string codename, string suites) =>
        Assert.Equal(suites, string.Join(' ', new DebianRelease(codename, number, "http://mirror.example/").NewerSuites));

    [Fact]
    public void Values_of_os_release_are_unquoted()
    {
        Dictionary<string, string> values = DebianRelease.ReadOsRelease(["ID=debian", "VERSION_ID=\"12\"", "# none", ""]);
        Assert.Equal("debian", values["ID"]);
        Assert.Equal("12", values["VERSION_ID"]);
    }

    [Fact]
    public void The_loaders_list_names_libraries_and_where_they_are()
    {
        const string Lines = """
            	linux-vdso.so.1 (0x00007ffd)
            	libmnl.so.0 => /packages/lib/libmnl.so.0 (0x00007f01)
            	/lib64/ld-linux-x86-64.so.2 => /packages/lib64/ld-linux-x86-64.so.2 (0x00007f02)
            """;
        Assert.Equal([("libmnl.so.0", "/packages/lib/libmnl.so.0")], PackageRoot.ParseLibraries(Lines));
        Assert.Throws<BedException>(() => PackageRoot.ParseLibraries("libx.so => not found"));
    }

    [Fact]
    public void Dependencies_of_a_module_are_in_its_modinfo()
    {
        Assert.Equal(["virtio", "net_failover"], ModuleSet.DependenciesOf("junk\0license=GPL\0depends=virtio,net_failover\0name=x\0"u8));
        Assert.Empty(ModuleSet.DependenciesOf("junk\0depends=\0name=x\0"u8));
        Assert.Empty(ModuleSet.DependenciesOf("no modinfo"u8));
        Assert.Empty(ModuleSet.DependenciesOf("cut\0depends=virt"u8));
    }
}
